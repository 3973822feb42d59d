import { createHash } from 'node:crypto';
import { json } from 'node:stream/consumers';
import type { ScheduleOptions } from '../../src/index.ts';
import { nextRun } from '../../src/schedule/nextRun.ts';
import { Schedule } from '../../src/schedule/Schedule.ts';
import { NO_HISTORY } from '../../src/schedule/ScheduleHistory.ts';
import { simulate, type Tick } from '../../src/testing/simulate.ts';

type Sample = [ScheduleOptions, string, (Omit<Tick, 'at'> & { at: string })[]];

/** Plays the schedules it is given in whatever zone this process is in; prints the zone, then what came of them. */
const digest = createHash('sha256');
for (const [options, timeZone, sampled] of (await json(process.stdin)) as Sample[]) {
  const schedule = new Schedule({ ...options, timeZone });
  const played = sampled.map(tick => ({ ...tick, at: new Date(tick.at) }));
  digest.update(JSON.stringify(simulate(schedule, played)));
  digest.update(String(nextRun(schedule, NO_HISTORY, played[0]!.at)?.toISOString()));
  digest.update(schedule.describe());
}
console.log(`${new Intl.DateTimeFormat().resolvedOptions().timeZone}\n${digest.digest('hex')}`);
