import type { JobOutcome, JobReport, TickEvent, TickReport } from '../../events/TickEvent.ts';
import { headlineOf } from '../../history/headlineOf.ts';
import { localTimeText } from '../../schedule/LocalTime.ts';
import type { Output } from '../../terminal/Output.ts';
import type { Piece, Tone } from '../../terminal/Terminal.ts';
import { firstLine } from '../../terminal/text.ts';
import { formatDuration } from '../../util/durations.ts';
import { messageOf } from '../../util/thrown.ts';

const marks: Record<JobOutcome, string> = {
  succeeded: '[✔]',
  would_run: '[✔]',
  failed: '[✘]',
  timed_out: '[✘]',
  cancelled: '[■]',
  broken: '[✘]',
  not_due: '[ ]',
  locked: '[ ]',
  not_started: '[ ]',
};

const tones: Partial<Record<JobOutcome, Tone>> = {
  succeeded: 'good',
  failed: 'bad',
  timed_out: 'bad',
  broken: 'bad',
  locked: 'warning',
  cancelled: 'warning',
};

/** How a tick is shown. */
export interface TextOptions {
  /** Whether only errors and warnings are printed. */
  readonly isSilent: boolean;
  /** Whose wall clock people go by. */
  readonly timeZone: string;
  /** Whether jobs that are not due are shown in the first tick only: an exact loop ticks for each of the others. */
  readonly isBrief: boolean;
}

/** Shows a tick in lines, a line a job: django-cron's, with duration and reason. */
export class TextReporter {
  readonly #out: Output;
  readonly #options: TextOptions;
  #hasTicked = false;

  constructor(out: Output, options: TextOptions) {
    this.#out = out;
    this.#options = options;
  }

  readonly onEvent = (event: TickEvent): void => {
    const { timeZone } = this.#options;
    switch (event.type) {
      case 'abandoned':
        for (const log of event.logs) {
          this.#line(
            { text: '[✘]', tone: 'bad' },
            ` ${event.job.code}: run ${log.id} abandoned (${log.host}, pid ${log.pid}, started ${localTimeText(log.startTime, timeZone)} ${timeZone})`,
          );
        }
        break;
      case 'lockLost':
        this.#out.error(`${event.job.code}: ${messageOf(event.error)}`);
        break;
      case 'warning':
        this.#out.error(event.job ? `${event.job.code}: ${event.message}` : event.message);
        break;
      case 'jobDone':
        this.#done(event.report);
        break;
      case 'pruned':
        this.#line(`${event.rows} old rows deleted from the log`);
        break;
      case 'tickEnded':
        this.#line(summaryOf(event.report));
        this.#hasTicked = true;
        break;
      default:
    }
  };

  #done(report: JobReport): void {
    const { job, outcome, durationMillis } = report;
    if (outcome === 'not_due' && this.#hasTicked && this.#options.isBrief) {
      return;
    }
    const took = durationMillis === null ? '' : ` in ${formatDuration(durationMillis)}`;
    const verb =
      outcome === 'would_run'
        ? ' would run'
        : outcome === 'timed_out'
          ? ' timed out'
          : outcome === 'cancelled'
            ? ' cancelled'
            : '';
    this.#line({ text: marks[outcome], tone: tones[outcome] }, ` ${job.code}${verb}${took}: ${outcomeText(report)}`);
    const { text, errors } = this.#out;
    const isSeen = !this.#options.isSilent && text.isTerminal && errors.isTerminal;
    if (outcome === 'broken' && !isSeen) {
      this.#out.error(`${job.code}: ${report.reason}`);
    }
  }

  #line(...pieces: readonly Piece[]): void {
    if (!this.#options.isSilent) {
      this.#out.text.line(...pieces);
    }
  }
}

function summaryOf({ jobs, durationMillis }: TickReport): string {
  const count = (...outcomes: JobOutcome[]) => jobs.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const parts = [
    ['would run', count('would_run')],
    ['ran', count('succeeded', 'failed', 'timed_out', 'cancelled')],
    ['failed', count('failed', 'timed_out')],
    ['cancelled', count('cancelled')],
    ['not due', count('not_due')],
    ['locked', count('locked')],
    ['not started', count('not_started')],
    ['broken', count('broken')],
  ] as const;
  const counts = parts.filter(([, number]) => number > 0).map(([name, number]) => `${number} ${name}`);
  return `${jobs.length} ${jobs.length === 1 ? 'job' : 'jobs'}: ${counts.join(', ') || 'nothing to do'}; took ${formatDuration(durationMillis)}`;
}

/** Why it ran and what came of it, or what went wrong. */
function outcomeText({ outcome, reason, log, error }: JobReport): string {
  const headline = log ? firstLine(headlineOf(log)) : '';
  if (outcome === 'succeeded') {
    return headline === '' ? reason : `${reason} → ${headline}`;
  }
  const failure = headline || (error instanceof Error ? `${error.name}: ${error.message}` : reason);
  return firstLine(outcome === 'failed' ? failure : reason);
}
