import { setTimeout as delay } from 'node:timers/promises';
import { type CronJobBase, type CronJobDefinition, CronJobLog, defineCronJob, Schedule } from '../../src/index.ts';

/** What each kind of job does. */
const kinds: Record<string, Omit<CronJobDefinition, 'code' | 'schedule'>> = {
  quick: { do: () => 'done' },
  failing: {
    do: async () => {
      await Promise.resolve();
      throw new Error('it fails', { cause: new TypeError('for a reason') });
    },
  },
  throwing: {
    do: () => {
      throw Object.assign(Object.create(null) as object, { code: 'ODD' });
    },
  },
  slow: { timeoutSeconds: 0.01, do: async ({ signal }) => delay(5_000, undefined, { signal }) },
  writing: {
    do: ({ write }) => {
      for (let line = 0; line < 20; line++) {
        write(`line ${line}`);
      }
    },
  },
  progressing: {
    do: ({ progress }) => {
      for (let done = 0; done <= 20; done++) {
        progress(done, 20);
      }
    },
  },
  printing: { captureConsole: true, do: () => console.log('printed') },
  reading: { do: async ({ em }) => em.count(CronJobLog, { code: 'mixed.quick' }) },
  tidying: { removeSuccessfulLogs: true, do: () => undefined },
  parallel: { allowParallelRuns: true, do: () => undefined },
};

/** A job of each kind that runs in the host's process; all are due at every tick. */
export function mixedJobs(): CronJobBase[] {
  const schedule = new Schedule({ runEveryMins: 0 });
  const inProcess = Object.entries(kinds).map(([name, kind]) =>
    defineCronJob({ code: `mixed.${name}`, schedule, ...kind }),
  );
  // Each costs a Node start: for ticks of their own.
  const isolated = defineCronJob({
    code: 'isolated.quick',
    schedule,
    isolation: 'process',
    do: ({ write }) => write('from a process of its own'),
  });
  return [...inProcess, isolated];
}
