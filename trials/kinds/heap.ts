import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostSpec } from '../host/HostSpec.ts';
import { Fleet } from '../processes/Fleet.ts';
import { startGround } from '../servers/Ground.ts';
import type { Trial } from '../Trial.ts';
import { readWitness } from '../witness/records.ts';

/** Bytes a run by which a heap may seem to grow and yet be flat: what is compiled and cached late. */
const FLAT = 50;

/** Bytes by which two looks at one and the same heap differ. */
const NOISE = 500_000;

/** Jobs of all kinds in one process, with a look at the heap, garbage collected, every 500 runs. */
export const heap: Trial = {
  name: 'heap',
  backends: ['postgresql'],
  unit: 'runs',
  amount: () => 36_000,
  quick: { postgresql: 1_500 },
  async run({ seed, amount, seconds, directory, stop }) {
    await using ground = await startGround('postgresql');
    const witness = join(directory, 'witness.jsonl');
    writeFileSync(witness, '');
    const spec: HostSpec = { ...ground.host, leaseSeconds: 30, concurrency: 4, jobs: { kind: 'mixed' }, witness, seed };
    await using fleet = new Fleet();
    const member = fleet.start('mixed', {
      run: { program: 'mixed.ts', nodeFlags: ['--expose-gc'] },
      spec,
      env: { TRIAL_RUNS: String(amount) },
      endsItself: true,
    });
    const timer = setTimeout(() => void fleet.kill(member), seconds * 1_000);
    stop.addEventListener('abort', () => void fleet.kill(member), { once: true });
    const exit = await member.exited;
    clearTimeout(timer);
    writeFileSync(join(directory, 'exit.json'), JSON.stringify(exit, null, 2));
    const samples = readWitness(witness).filter(record => record.event === 'heap');
    // The first quarter fills caches.
    const settled = samples.slice(Math.floor(samples.length / 4));
    const slope = slopeOf(settled.map(({ runs, bytes }) => [runs, bytes]));
    const runs = samples.at(-1)?.runs ?? 0;
    const span = runs - (settled[0]?.runs ?? 0);
    const counts = {
      runs,
      samples: samples.length,
      'first MB': (settled[0]?.bytes ?? 0) / 1e6,
      'last MB': (settled.at(-1)?.bytes ?? 0) / 1e6,
      'bytes a run': slope,
    };
    const broken = [
      ...(exit.code === 0 ? [] : [`exit code ${exit.code ?? exit.signal}`]),
      ...(slope * span > FLAT * span + NOISE ? [`${Math.round(slope)} bytes a run`] : []),
    ];
    return { counts, broken };
  },
};

/** Of the line that fits best (least squares). */
function slopeOf(points: readonly (readonly [number, number])[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map(point => point[0])), mean(points.map(point => point[1]))];
  const over = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  const under = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  return under === 0 ? 0 : over / under;
}
