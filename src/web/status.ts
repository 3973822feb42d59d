import type { CronJobLog, RunStatus } from '../history/CronJobLog.ts';
import { html, type Html } from './html.ts';

interface StatusLook {
  readonly sign: string;
  readonly word: string;
  /** How it looks: also the class of its text and bars. */
  readonly tone: 'ok' | 'bad' | 'going' | 'quiet';
}

const LOOKS: Record<string, StatusLook> = {
  running: { sign: '▶', word: 'running', tone: 'going' },
  succeeded: { sign: '✔', word: 'succeeded', tone: 'ok' },
  failed: { sign: '✘', word: 'failed', tone: 'bad' },
  timed_out: { sign: '✘', word: 'timed out', tone: 'bad' },
  abandoned: { sign: '✘', word: 'abandoned', tone: 'bad' },
  cancelled: { sign: '⊘', word: 'cancelled', tone: 'quiet' },
  missed: { sign: '–', word: 'missed', tone: 'quiet' },
} satisfies Record<RunStatus, StatusLook> & Record<string, StatusLook>;

/** How a status looks; one that a newer version has written, as its word. */
export function lookOf(status: string): StatusLook {
  return Object.hasOwn(LOOKS, status) ? LOOKS[status]! : { sign: '·', word: status, tone: 'quiet' };
}

/** A status as sign and word. */
export function statusText(status: string): Html {
  const { sign, word, tone } = lookOf(status);
  return html`<span class="status ${tone}"><span aria-hidden="true">${sign}</span> ${word}</span>`;
}

/** How long a run took, or has been going so far. */
export function tookMillis(run: Pick<CronJobLog, 'startTime' | 'endTime'>, now: Date): number {
  return Math.max((run.endTime ?? now).getTime() - run.startTime.getTime(), 0);
}
