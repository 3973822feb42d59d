import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { connections, restarts } from './kinds/connections.ts';
import { contested } from './kinds/contested.ts';
import { flushes } from './kinds/flushes.ts';
import { heap } from './kinds/heap.ts';
import { late } from './kinds/late.ts';
import { silent } from './kinds/silent.ts';
import { Random } from './Random.ts';
import { type Backend, BACKENDS, endServers } from './servers/Ground.ts';
import type { Trial } from './Trial.ts';

const TRIALS: readonly Trial[] = [contested, connections, restarts, silent, flushes, late, heap];

/** Where records and evidence go. */
const RECORDS = fileURLToPath(new URL('../.trials', import.meta.url));

const USAGE = `usage: npx node trials/run.ts NAME [--backend B] [--seed N] [--amount N] [--seconds N]
       npx node trials/run.ts --quick [--seed N]
${TRIALS.map(({ name, unit, backends }) => `  ${name.padEnd(12)} ${unit} on ${backends.join(', ')}`).join('\n')}`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    backend: { type: 'string' },
    seed: { type: 'string', default: '1' },
    amount: { type: 'string' },
    slots: { type: 'string' },
    seconds: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});

// The servers and processes of a trial are ended with it.
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => stop.abort());
}

const seed = Number(values.seed);
const runs = values.quick
  ? TRIALS.flatMap(trial =>
      Object.entries(trial.quick).map(([backend, amount]) => ({ trial, backend: backend as Backend, amount })),
    ).filter(({ trial }) => positionals.length === 0 || positionals.includes(trial.name))
  : chosen();
try {
  for (const { trial, backend, amount } of runs) {
    if (!stop.signal.aborted) {
      await run(trial, backend, amount);
    }
  }
} finally {
  await endServers();
}
// What a trial has left open must not keep the process; its servers have been ended.
process.exit();

function chosen(): { trial: Trial; backend: Backend; amount: number }[] {
  const trial = TRIALS.find(({ name }) => name === positionals[0]);
  const backend = BACKENDS.find(name => name === (values.backend ?? trial?.backends[0]));
  if (!trial || !backend || !trial.backends.includes(backend)) {
    console.error(USAGE);
    process.exit(1);
  }
  return [{ trial, backend, amount: Number(values.amount ?? values.slots ?? trial.amount(backend)) }];
}

/** Runs one trial, prints a line of counts and its record, and keeps the record beside the evidence. */
async function run(trial: Trial, backend: Backend, amount: number): Promise<void> {
  const name = `${trial.name}-${backend}-${seed}`;
  const directory = join(RECORDS, name);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const startedAt = performance.now();
  const seconds = Number(values.seconds ?? (values.quick ? 180 : 3_600));
  const options = { seed, random: new Random(seed), backend, amount, seconds, directory, stop: stop.signal };
  const { counts, broken } = await trial.run(options);
  const took = Math.round((performance.now() - startedAt) / 100) / 10;
  const asked = { trial: trial.name, backend, seed, [trial.unit]: amount };
  const record = { ...asked, seconds: took, counts, broken };
  const shown = Object.entries(counts).map(([key, count]) => `${key} ${Math.round(count * 10) / 10}`);
  const verdict = broken.length === 0 ? 'all held' : `BROKEN: ${broken.join(', ')}`;
  console.log(
    `${trial.name} on ${backend}, seed ${seed}, ${amount} ${trial.unit}, ${took} s: ${shown.join(', ')}; ${verdict}`,
  );
  console.log(JSON.stringify(record));
  writeFileSync(join(directory, 'record.json'), `${JSON.stringify(record, null, 2)}\n`);
  if (broken.length > 0) {
    process.exitCode = 1;
  }
}
