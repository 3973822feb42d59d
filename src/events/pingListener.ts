import { CronError } from '../errors.ts';
import type { CronJobBase, JobPings } from '../job/CronJobBase.ts';
import { httpTarget } from '../util/httpUrl.ts';
import { scrub } from '../util/scrub.ts';
import type { TickListener } from './TickEvent.ts';

/** How long a monitor may take to answer, in milliseconds. */
const PING_TIMEOUT = 5_000;

/** Sends the pings of jobs. No job waits for them. */
export const pingListener: TickListener = async event => {
  switch (event.type) {
    case 'jobStarted':
      return ping(event.job, 'start');
    case 'abandoned':
      return ping(event.job, 'failure');
    case 'jobDone':
      switch (event.report.outcome) {
        case 'succeeded':
          return ping(event.report.job, 'success');
        case 'failed':
        case 'timed_out':
        case 'broken':
          return ping(event.report.job, 'failure');
        default:
          return undefined;
      }
    default:
      return undefined;
  }
};

async function ping(job: CronJobBase, moment: keyof JobPings): Promise<void> {
  const url = job.pings?.[moment];
  if (url === undefined) {
    return;
  }
  const target = httpTarget(url);
  try {
    const response = await fetch(target.url, {
      headers: target.headers,
      signal: AbortSignal.timeout(PING_TIMEOUT),
    });
    await response.body?.cancel();
    if (!response.ok) {
      throw new Error(`it answered ${response.status}`);
    }
  } catch (error) {
    const why = scrub(error, target.secrets);
    throw new CronError(`Job ${job.code}: its ${moment} ping to ${target.origin} failed: ${why}`, {
      jobCode: job.code,
    });
  }
}
