import { setTimeout as delay } from 'node:timers/promises';
import { type CronJobBase, type CronJobContext, defineCronJob, Schedule } from '../../src/index.ts';
import { Random } from '../Random.ts';
import { watchStalls, WitnessWriter } from '../witness/records.ts';
import { type HostSpec, processName } from './HostSpec.ts';
import { mixedJobs } from './mixedJobs.ts';
import { poolOf } from './pool.ts';

/** Ten days: no slot of a backlog comes to its deadline while a trial lasts. */
const DEADLINE = 10 * 24 * 60;

/** The jobs of a trial's host. */
export function jobsOf(spec: HostSpec): CronJobBase[] {
  const { jobs } = spec;
  if (jobs.kind === 'mixed') {
    return mixedJobs();
  }
  const witness = new WitnessWriter(spec.witness, processName());
  watchStalls((spec.leaseSeconds * 1_000) / 4, from => witness.write({ event: 'stall', from }));
  const random = new Random(spec.seed).fork(processName());
  return Array.from({ length: jobs.count }, (_, index) =>
    defineCronJob({
      code: `trial.${index}`,
      schedule: new Schedule(
        jobs.kind === 'slots'
          ? { cron: jobs.cron, missedRuns: 'each', startingDeadlineMins: DEADLINE, timeZone: 'UTC' }
          : { runEveryMins: 0 },
      ),
      do: async context => {
        if (jobs.kind === 'steady') {
          const pool = await poolOf(context.em);
          witness.write({ event: 'pool', ...pool });
        }
        return witnessed(witness, `trial.${index}`, context, workMillis(random, spec.leaseSeconds));
      },
    }),
  );
}

/** Mostly next to nothing; now and then long enough for a pause or a kill to find it running, or for heartbeats to matter. */
function workMillis(random: Random, leaseSeconds: number): number {
  switch (random.weighted({ short: 60, medium: 20, long: 1 })) {
    case 'short':
      return random.between(0, 10);
    case 'medium':
      return random.between(10, 150);
    default:
      return random.between(0.5, 1.5) * leaseSeconds * 1_000;
  }
}

/** Works for a while, and writes down when that began and how it ended. */
async function witnessed(
  witness: WitnessWriter,
  code: string,
  context: CronJobContext,
  millis: number,
): Promise<string> {
  const { log, scheduledFor, signal } = context;
  const run = { run: log.id, code, slot: scheduledFor?.getTime() ?? null };
  witness.write({ event: 'begin', ...run, ...('fence' in context ? { fence: context.fence } : {}) });
  let ok = false;
  try {
    await delay(millis, undefined, { signal });
    ok = true;
  } finally {
    witness.write({ event: 'end', ...run, ok });
  }
  return `${millis.toFixed(1)} ms`;
}
