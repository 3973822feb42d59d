import { CronJobBase, type CronJobContext, Schedule } from '../../src/index.ts';

/** Runs at times of day in its own time zone, whatever zone the server is in. */
export class DailyReport extends CronJobBase {
  readonly code = 'demo.daily_report';
  readonly schedule = new Schedule({ runAtTimes: ['00:00', '12:00'], timeZone: 'America/New_York' });

  do({ scheduledFor, previousSuccess }: CronJobContext): string {
    const since = previousSuccess?.startTime.toISOString() ?? 'the beginning';
    return `report for the slot ${scheduledFor?.toISOString()}, covering everything since ${since}`;
  }
}
