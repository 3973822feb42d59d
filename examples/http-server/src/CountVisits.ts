import { CronJobBase, type CronJobContext, Schedule } from 'mikro-orm-cron';
import { Visit } from './Visit.ts';

/** Marks the visits since the last run as counted. */
export class CountVisits extends CronJobBase {
  readonly code = 'site.count_visits';
  readonly schedule = new Schedule({ runEveryMins: 1 });

  async do({ em }: CronJobContext): Promise<string> {
    const visits = await em.nativeUpdate(Visit, { isCounted: false }, { isCounted: true });
    return `${visits} visits counted`;
  }
}
