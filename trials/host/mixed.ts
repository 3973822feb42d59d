import { MikroORM, PostgreSqlDriver } from '@mikro-orm/postgresql';
import { getCronRunner } from '../../src/index.ts';
import { WitnessWriter } from '../witness/records.ts';
import config from './host.ts';
import { hostSpec, processName } from './HostSpec.ts';

/** Runs between two looks at the heap. */
const EVERY = 500;

/** Ticks between two runs in a process of their own: each costs a Node start. */
const TICKS_PER_ISOLATED = 400;

/** Makes RUNS runs of jobs of all kinds in one process, and writes down how large its heap is after collecting garbage. */
const runs = Number(process.env['TRIAL_RUNS']);
const witness = new WitnessWriter(hostSpec().witness, processName());
const orm = await MikroORM.init({ ...config, driver: PostgreSqlDriver });
const runner = getCronRunner(orm);

let made = 0;
let measured = 0;
for (let tick = 1; made < runs; tick++) {
  const isolated = tick % TICKS_PER_ISOLATED === 0;
  const { jobs } = await runner.run({
    jobs: isolated ? ['isolated.*'] : ['mixed.*'],
    concurrency: 4,
    host: { config: ['mikro-orm.config.js'] },
  });
  made += jobs.length;
  if (made - measured >= EVERY) {
    measured = made;
    // Twice: the first frees what the second can then collect.
    globalThis.gc!();
    await new Promise(resolve => setImmediate(resolve));
    globalThis.gc!();
    witness.write({ event: 'heap', runs: made, bytes: process.memoryUsage().heapUsed });
  }
}
await orm.close(true);
