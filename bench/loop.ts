import { MikroORM } from '@mikro-orm/postgresql';
import { cron, cronEntities, defineCronJob, getCronRunner, Schedule } from '../src/index.ts';
import { createMigratedDatabase, startPostgres } from '../test/helpers/postgres.ts';

/** Memory of a loop over 2,000 ticks, ten due jobs each. Needs `node --expose-gc`. */
const TICKS = 2_000;

const EVERY = 250;

await using server = await startPostgres();

const url = await createMigratedDatabase(server.url, 'bench');

const jobs = Array.from({ length: 10 }, (_, index) =>
  defineCronJob({
    code: `loop.job_${index}`,
    schedule: new Schedule({ runEveryMins: 0 }),
    removeSuccessfulLogs: true,
    do: ({ write }) => write('a line'),
  }),
);

await using orm = await MikroORM.init({
  clientUrl: url,
  entities: cronEntities,
  extensions: [cron({ jobs, concurrency: 4 })],
});

let tick = 0;

const heap: { ticks: number; 'heap MB': number; 'resident MB': number }[] = [];

function measure(): void {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  const megabytes = (bytes: number) => Math.round(bytes / 104_857.6) / 10;
  heap.push({ ticks: tick, 'heap MB': megabytes(heapUsed), 'resident MB': megabytes(rss) });
}

await getCronRunner(orm)
  .loop({
    sleepSeconds: 0.001,
    repeat: TICKS,
    onEvent: ({ type }) => {
      if (type === 'tickEnded' && ++tick % EVERY === 0) {
        measure();
      }
    },
  })
  .run();

console.log(
  `A loop of ${TICKS} ticks, ten due jobs each${globalThis.gc ? '' : ' (without --expose-gc: heap includes garbage)'}`,
);

console.table(heap);
