import type { CronJobLog } from './CronJobLog.ts';

/** How our own accounts of a run that did not end well begin, and errors as Node prints them. */
const FAILURE =
  /^(?:[\w.]*(?:Error|Exception)\b|Thrown: |Uncaught |process\.exit\(|Timed out after |Abandoned: |Lock of |Shut down by )/;

/**
 * The one line of a run's message that says most: of a success its first, of a failure what went wrong, whatever the job
 * had written before.
 */
export function headlineOf({ status, message }: Pick<CronJobLog, 'status' | 'message'>): string {
  const lines = message.split('\n');
  const failure = status === 'succeeded' || status === 'running' ? undefined : lines.find(line => FAILURE.test(line));
  return failure ?? lines[0] ?? '';
}
