import type { RunStatus } from '../history/CronJobLog.ts';
import type { TableCell } from '../terminal/formatTable.ts';
import type { Tone } from '../terminal/Terminal.ts';

const cells: Record<RunStatus, { text: string; tone: Tone }> = {
  running: { text: '▶', tone: 'warning' },
  succeeded: { text: '✔', tone: 'good' },
  failed: { text: '✘', tone: 'bad' },
  timed_out: { text: '✘', tone: 'bad' },
  abandoned: { text: '✘', tone: 'bad' },
  cancelled: { text: '■', tone: 'warning' },
  missed: { text: '–', tone: 'warning' },
};

/** How a run ended, as a sign; `▶` while it has not. */
export function statusCell(status: RunStatus): TableCell {
  return cells[status];
}
