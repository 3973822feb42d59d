import type { JobOverview } from '../../runner/readOverview.ts';
import type { TableCell } from '../../terminal/formatTable.ts';

/** When a job is due of which no instant can be named. */
export function openEndCell({ job, off, pause }: JobOverview): TableCell {
  const { isManual, runsAfter } = job.schedule;
  if (off !== null) {
    return { text: 'disabled', tone: 'faint' };
  }
  if (pause) {
    return { text: 'paused', tone: 'warning' };
  }
  if (isManual) {
    return { text: 'manual', tone: 'faint' };
  }
  return runsAfter.length > 0
    ? { text: `after ${runsAfter.join(', ')}`, short: 'after others', tone: 'faint' }
    : { text: 'never', tone: 'bad' };
}
