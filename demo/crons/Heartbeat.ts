import { CronJobBase, Schedule } from '../../src/index.ts';

/** The smallest job: an interval, and a word for the log. */
export class Heartbeat extends CronJobBase {
  readonly code = 'demo.heartbeat';
  readonly schedule = new Schedule({ runEveryMins: 5 });

  do(): string {
    return 'still here';
  }
}
