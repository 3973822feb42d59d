import { explore } from './explore.ts';
import { FULL, SMALL } from './sizes.ts';
import { BROKEN, IMPLEMENTED } from './Variant.ts';

/** Explores every variant; ends with 1 when what is implemented breaks a promise, or a deliberate fault is not found. */
const sizes = process.argv.includes('--small') ? SMALL : FULL;
for (const variant of [...IMPLEMENTED, ...BROKEN]) {
  console.log(variant.name);
  let found: string | undefined;
  for (const size of sizes) {
    const began = performance.now();
    const { states, broken, trace } = explore(variant, size);
    found ??= broken;
    const seconds = ((performance.now() - began) / 1_000).toFixed(1);
    const { processes, slots, ticks, faults } = size;
    const shape = `${processes} processes, ${slots} slots, ${ticks} ticks, ${faults.total} faults`;
    console.log(`  ${shape}: ${states.toLocaleString('en')} states, ${seconds} s: ${broken ?? 'all holds'}`);
    if (broken !== variant.finds) {
      trace.forEach((step, at) => console.log(`    ${at + 1}. ${step}`));
    }
    if (broken) {
      break;
    }
  }
  if (found !== variant.finds) {
    console.error(`  not what is expected: ${variant.finds ?? 'all holds'}`);
    process.exitCode = 1;
  }
}
