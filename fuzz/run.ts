import { parseArgs } from 'node:util';
import { Random } from '../trials/Random.ts';
import { argvKind } from './argvKind.ts';
import { cronKind } from './cronKind.ts';
import type { Kind } from './Fuzz.ts';
import { settingsKind } from './settingsKind.ts';
import { terminalKind } from './terminalKind.ts';

const USAGE = 'npm run fuzz -- [--seconds 60] [--seed N] [--kind NAME] [--from N]';

/** Findings of a kind that are printed: the rest is mostly the same. */
const MOST_SHOWN = 5;

const kinds: readonly Kind[] = [cronKind, settingsKind, argvKind, terminalKind];

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 1_000)) },
    kind: { type: 'string' },
    from: { type: 'string', default: '0' },
  },
});
const chosen = kinds.filter(({ name }) => values.kind === undefined || name.includes(values.kind));
const [seconds, seed, from] = [values.seconds, values.seed, values.from].map(Number) as [number, number, number];
if (chosen.length === 0 || !(seconds > 0) || !Number.isSafeInteger(seed) || !Number.isSafeInteger(from)) {
  console.error(`usage: ${USAGE}; kinds are ${kinds.map(({ name }) => `'${name}'`).join(', ')}`);
  process.exit(2);
}

console.log(`seed ${seed}, ${seconds} s`);
let found = 0;
for (const kind of chosen) {
  found += await tryKind(kind, (seconds / chosen.length) * 1_000);
}
process.exitCode = found > 0 ? 1 : 0;

/** Tries inputs of a kind for so long; gives how many were answered wrongly. Each input depends on the seed and its number alone. */
async function tryKind(kind: Kind, millis: number): Promise<number> {
  const end = performance.now() + millis;
  let [tried, findings] = [0, 0];
  for (let number = from; performance.now() < end; number++, tried++) {
    let finding: string | undefined;
    try {
      finding = await kind.tryOne(new Random(seed).fork(`${kind.name} ${number}`));
    } catch (error) {
      finding = `the fuzzer itself threw ${error instanceof Error ? error.stack : String(error)}`;
    }
    if (finding !== undefined && ++findings <= MOST_SHOWN) {
      console.log(`✘ ${kind.name} ${number}: ${finding}`);
    }
  }
  console.log(`${kind.name}: ${tried} inputs, ${findings} findings`);
  return findings;
}
