import { CronJobBase, type CronJobContext, Schedule } from 'mikro-orm-cron';

/** Counts the days to the next year. */
export class CountDown extends CronJobBase {
  readonly code = 'bundle.count_down';
  readonly schedule = new Schedule({ runEveryMins: 5, timeZone: 'UTC' });

  do({ now }: CronJobContext): string {
    const days = Math.ceil((Date.UTC(now.getUTCFullYear() + 1, 0) - now.getTime()) / 86_400_000);
    return `${days} days to go`;
  }
}
