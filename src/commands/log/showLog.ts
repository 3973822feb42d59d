import { explainDatabaseError } from '../../database/explainDatabaseError.ts';
import { ownEm, readNow } from '../../database/ourTables.ts';
import { CronError } from '../../errors.ts';
import type { CronJobLog, RunStatus } from '../../history/CronJobLog.ts';
import { FAILED, type LogFilter, LogReader } from '../../history/LogReader.ts';
import { openHost } from '../../host/openHost.ts';
import type { CronJobBase } from '../../job/CronJobBase.ts';
import { matchesName } from '../../job/matchesName.ts';
import { few, jobsNamed, suggestion } from '../../job/selectJobs.ts';
import { answerWithin } from '../../runner/answerWithin.ts';
import type { CronRunner } from '../../runner/CronRunner.ts';
import { getCronRunner } from '../../runner/extension.ts';
import type { Output } from '../../terminal/Output.ts';
import { firstLine } from '../../terminal/text.ts';
import { messageOf } from '../../util/thrown.ts';
import type { ExitCode } from '../Action.ts';
import { logToJson } from '../json.ts';
import type { HostArguments } from '../options.ts';
import { LogFollower } from './LogFollower.ts';
import { LogView } from './LogView.ts';
import { parseDuration, parseInstant } from './parseInstant.ts';
import { StopSignals } from './StopSignals.ts';

/** What `cron:log` was asked for. */
export interface LogArguments extends HostArguments {
  id: number | undefined;
  code: string[] | undefined;
  failed: boolean | undefined;
  status: RunStatus[] | undefined;
  since: string | undefined;
  until: string | undefined;
  'longer-than': string | undefined;
  grep: string | undefined;
  before: number | undefined;
  limit: number | undefined;
  json: boolean | undefined;
  follow: boolean | undefined;
}

/** What `cron:log` was asked for. */
export type LogOptions = Omit<LogArguments, 'longer-than'> & { readonly longerThan: string | undefined };

const FOLLOW_MILLIS = 1_000;

/** Shows the log. @throws CronError when an option makes no sense, or the database cannot be used. */
export async function showLog(options: LogOptions, out: Output): Promise<ExitCode> {
  await using host = await openHost(options);
  const runner = getCronRunner(host.orm);
  try {
    await new LogCall(runner, await jobsOf(runner), options, out).show();
    return 0;
  } catch (error) {
    throw explainDatabaseError(error, host.orm);
  }
}

/** The log must be readable while a job cannot be loaded: that may be what somebody is looking into. */
async function jobsOf(runner: CronRunner): Promise<readonly CronJobBase[]> {
  return runner.jobs().catch(() => []);
}

/** One call of `cron:log`. */
class LogCall {
  readonly #options: LogOptions;
  readonly #out: Output;
  readonly #jobs: readonly CronJobBase[];
  readonly #timeZone: string;
  readonly #reader: LogReader;
  readonly #view: LogView;
  readonly #now: () => Promise<Date>;

  readonly #answer: <Value>(work: Promise<Value>, signal?: AbortSignal) => Promise<Value>;

  constructor(runner: CronRunner, jobs: readonly CronJobBase[], options: LogOptions, out: Output) {
    const { orm, settings } = runner;
    this.#answer = async (work, signal) => answerWithin(runner, work, signal);
    this.#out = out;
    this.#options = options;
    this.#jobs = jobs;
    this.#timeZone = settings.timeZone;
    this.#reader = new LogReader(orm, settings.clock);
    this.#view = new LogView(out.text, settings.timeZone);
    this.#now = async () => this.#answer(readNow(ownEm(orm), orm, settings.clock));
  }

  async show(): Promise<void> {
    const { id, follow, limit, before } = this.#options;
    const now = await this.#now();
    if (id !== undefined) {
      await this.#one(id, now);
      return;
    }
    const filter = await this.#filter(now);
    if (follow) {
      await this.#follow(filter, limit ?? 10);
      return;
    }
    let count = 0;
    const pages = this.#reader.newest(filter, limit ?? 20, before);
    for (;;) {
      const { value: page, done } = await this.#answer(pages.next());
      if (done) {
        break;
      }
      count += page.length;
      this.#print(page, now);
    }
    if (this.#options.json) {
      return;
    }
    if (count > 0) {
      this.#view.zone();
    } else {
      this.#out.text.line('No such runs');
    }
  }

  async #one(id: number, now: Date): Promise<void> {
    const log = await this.#answer(this.#reader.one(id));
    if (log === null) {
      throw new CronError(`cron:log: there is no run ${id} in the log; it may have been deleted as old`);
    }
    if (this.#options.json) {
      this.#print([log], now);
    } else {
      this.#view.whole(log, now);
    }
  }

  async #follow(filter: LogFilter, limit: number): Promise<void> {
    using signals = new StopSignals(this.#out.text.stream);
    const follower = await this.#beginFollowing(filter, limit, signals.signal).catch((error: unknown) => {
      if (!signals.signal.aborted) {
        throw error;
      }
    });
    await follower?.follow(signals.signal, {
      everyMillis: FOLLOW_MILLIS,
      answer: this.#answer,
      onRun: log => this.#printRun(log),
      onError: error => {
        this.#out.error(`the log could not be read, trying again: ${firstLine(messageOf(error))}`);
      },
    });
  }

  /** Shows what was before, and gives what shows the rest. */
  async #beginFollowing(filter: LogFilter, limit: number, signal: AbortSignal): Promise<LogFollower> {
    const answer = async <Value>(work: Promise<Value>) => this.#answer(work, signal);
    const [newest = { id: 0 }] = await answer(this.#reader.list({}, 1));
    const earlier = await answer(this.#reader.list(filter, limit, newest.id + 1));
    const follower = new LogFollower(this.#reader, filter, newest.id);
    // A run that is already running is reported when it ends.
    const running = await answer(this.#reader.list({ codes: filter.codes, statuses: ['running'] }, 1_000));
    await answer(follower.begin(running));
    earlier.reverse().forEach(log => this.#printRun(log));
    return follower;
  }

  async #filter(now: Date): Promise<LogFilter> {
    const { code, failed, status, since, until, longerThan, grep } = this.#options;
    const instant = (text: string | undefined, name: string) =>
      text === undefined ? undefined : parseInstant(text, name, now, this.#timeZone);
    return {
      since: instant(since, 'since'),
      until: instant(until, 'until'),
      longerThanMillis: longerThan === undefined ? undefined : parseDuration(longerThan, 'longer-than'),
      grep,
      statuses: failed ? FAILED : status,
      codes: code && (await this.#codes(code)),
    };
  }

  /** Codes of present jobs and of such that are only in the log. */
  async #codes(names: readonly string[]): Promise<string[]> {
    const logged = await this.#answer(this.#reader.codes());
    const known = [...new Set([...this.#jobs.map(job => job.code), ...logged])];
    return names.flatMap(name => {
      const codes = known.includes(name)
        ? [name]
        : [...jobsNamed(this.#jobs, name).map(job => job.code), ...logged.filter(code => matchesName(code, name))];
      if (codes.length === 0) {
        const near = suggestion([name], known);
        throw new CronError(
          `--code: there is no job '${name}' and no run of one${near}; known codes: ${few(known) || 'none'}`,
        );
      }
      return [...new Set(codes)];
    });
  }

  #print(logs: readonly CronJobLog[], now: Date): void {
    if (this.#options.json) {
      logs.forEach(log => this.#printRun(log));
    } else {
      this.#view.table(logs, now);
    }
  }

  #printRun(log: CronJobLog): void {
    if (this.#options.json) {
      this.#out.data({ ...logToJson(log), message: log.message });
    } else {
      this.#view.line(log);
    }
  }
}
