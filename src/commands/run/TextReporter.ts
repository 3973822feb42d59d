import type { Writable } from 'node:stream';
import type { JobOutcome, JobReport, TickEvent, TickReport } from '../../events/TickEvent.ts';
import { headlineOf } from '../../history/headlineOf.ts';
import { localTimeText } from '../../schedule/LocalTime.ts';
import { Terminal, type Tone } from '../../terminal/Terminal.ts';
import { firstLine } from '../../terminal/text.ts';
import { formatDuration } from '../../util/durations.ts';
import { messageOf } from '../../util/thrown.ts';

const marks: Record<JobOutcome, string> = {
  succeeded: '[✔]',
  would_run: '[✔]',
  failed: '[✘]',
  timed_out: '[✘]',
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
};

/** Where lines go. */
export interface ReporterStreams {
  /** What a person wants to read; nothing of it under `--silent`. */
  readonly out: Writable | undefined;
  /** What nobody may miss: never silent. */
  readonly err: Writable;
}

/** Tells a tick in lines, a line a job: django-cron's, with duration and reason. */
export class TextReporter {
  readonly #streams: ReporterStreams;
  readonly #terminal: Terminal | undefined;
  readonly #timeZone: string;

  /** @param timeZone whose wall clock people go by */
  constructor(streams: ReporterStreams, timeZone: string) {
    this.#streams = streams;
    this.#timeZone = timeZone;
    this.#terminal = streams.out && new Terminal(streams.out);
  }

  readonly onEvent = (event: TickEvent): void => {
    switch (event.type) {
      case 'abandoned':
        for (const log of event.logs) {
          this.#out(
            `${this.#paint('bad', '[✘]')} ${event.job.code}: run ${log.id} abandoned (${log.host}, pid ${log.pid}, started ${localTimeText(log.startTime, this.#timeZone)} ${this.#timeZone})`,
          );
        }
        break;
      case 'lockLost':
        this.#err(`${event.job.code}: ${messageOf(event.error)}`);
        break;
      case 'trouble':
        this.#err(event.job ? `${event.job.code}: ${event.message}` : event.message);
        break;
      case 'jobDone':
        this.#done(event.report);
        break;
      case 'pruned':
        this.#out(`${event.rows} old rows deleted from the log`);
        break;
      case 'tickEnded':
        this.#out(summaryOf(event.report));
        break;
      default:
    }
  };

  #done(report: JobReport): void {
    const { job, outcome, reason, durationMillis } = report;
    const took = durationMillis === null ? '' : ` in ${formatDuration(durationMillis)}`;
    const verb = outcome === 'would_run' ? ' would run' : outcome === 'timed_out' ? ' timed out' : '';
    this.#out(`${this.#paint(tones[outcome], marks[outcome])} ${job.code}${verb}${took}: ${tellingOf(report)}`);
    // On a terminal it has been seen.
    if (outcome === 'broken' && !(this.#terminal?.isTerminal && process.stderr.isTTY)) {
      this.#err(`${job.code}: ${reason}`);
    }
  }

  #paint(tone: Tone | undefined, text: string): string {
    return tone && this.#terminal ? this.#terminal.paint(tone, text) : text;
  }

  #out(line: string): void {
    this.#terminal?.line(line);
  }

  #err(line: string): void {
    this.#streams.err.write(`mikro-orm-cron: ${line}\n`);
  }
}

function summaryOf({ jobs, durationMillis }: TickReport): string {
  const count = (...outcomes: JobOutcome[]) => jobs.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const parts = [
    ['would run', count('would_run')],
    ['ran', count('succeeded', 'failed', 'timed_out')],
    ['failed', count('failed', 'timed_out')],
    ['not due', count('not_due')],
    ['locked', count('locked')],
    ['not started', count('not_started')],
    ['broken', count('broken')],
  ] as const;
  const told = parts.filter(([, number]) => number > 0).map(([name, number]) => `${number} ${name}`);
  return `${jobs.length} ${jobs.length === 1 ? 'job' : 'jobs'}: ${told.join(', ') || 'nothing to do'}; took ${formatDuration(durationMillis)}`;
}

/** Why it ran and what came of it, or what went wrong. */
function tellingOf({ outcome, reason, log, error }: JobReport): string {
  const headline = log ? firstLine(headlineOf(log)) : '';
  if (outcome === 'succeeded') {
    return headline === '' ? reason : `${reason} → ${headline}`;
  }
  const failure = headline || (error instanceof Error ? `${error.name}: ${error.message}` : reason);
  return firstLine(outcome === 'failed' ? failure : reason);
}
