import { CronJobBase, type CronJobContext, Schedule } from '../../src/index.ts';

/** Fails the first time: the error, its stack and its cause are in the log, and it is tried again a minute later. */
export class FlakyImport extends CronJobBase {
  readonly code = 'demo.flaky_import';
  readonly schedule = new Schedule({ runEveryMins: 60, retryAfterFailureMins: 1 });

  async do({ em, write }: CronJobContext): Promise<string> {
    write('asking the supplier for today’s prices');
    const [{ failures }] = await em.execute<[{ failures: string }]>(
      `select count(*) as failures from cron_job_log where code = ? and status = 'failed'`,
      [this.code],
    );
    if (Number(failures) === 0) {
      throw new Error('the supplier did not answer', { cause: new Error('connect ECONNREFUSED') });
    }
    return 'prices imported';
  }
}
