import type { CronJobLog } from '../history/CronJobLog.ts';
import { firstLine, harmless } from '../terminal/fitText.ts';

/** How the line begins that says why a run ended badly; the lines before it are what the job wrote. */
const REASON = /^(?:[\w.]*(?:Error|Exception)\b|Thrown: |Timed out|Shut down|Lock of|Abandoned)/;

/** The one line of a run's message that tells most. */
export function headline({ status, message }: CronJobLog): string {
  const isBad = status !== 'succeeded' && status !== 'running';
  const reason =
    isBad &&
    harmless(message)
      .split('\n')
      .find(line => REASON.test(line));
  return firstLine(reason || message);
}
