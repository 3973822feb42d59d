import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { nextRun } from '../../src/schedule/nextRun.ts';
import { Schedule } from '../../src/schedule/Schedule.ts';
import { NO_HISTORY } from '../../src/schedule/ScheduleHistory.ts';
import { simulate } from '../../src/testing/simulate.ts';
import { anySchedule, ticks, zone } from './arbitraries.ts';

/** Plays the same random schedules in whatever zone this process is in; prints the zone, then what came of them. */
const digest = createHash('sha256');
for (const [options, timeZone, played] of fc.sample(fc.tuple(anySchedule, zone, ticks), { seed: 4711, numRuns: 40 })) {
  const schedule = new Schedule({ ...options, timeZone });
  digest.update(JSON.stringify(simulate(schedule, played)));
  digest.update(String(nextRun(schedule, NO_HISTORY, played[0]!.at)?.toISOString()));
  digest.update(schedule.describe());
}
console.log(`${new Intl.DateTimeFormat().resolvedOptions().timeZone}\n${digest.digest('hex')}`);
