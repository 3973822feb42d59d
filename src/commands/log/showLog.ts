import { explainDatabaseError } from '../../database/explainDatabaseError.ts';
import { ownEm, readNow } from '../../database/ourTables.ts';
import { CronError } from '../../errors.ts';
import type { CronJobLog, RunStatus } from '../../history/CronJobLog.ts';
import { openHost } from '../../host/openHost.ts';
import { answerWithin } from '../../runner/answerWithin.ts';
import type { CronRunner } from '../../runner/CronRunner.ts';
import { getCronRunner } from '../../runner/extension.ts';
import type { LogsOptions } from '../../runner/LogQuery.ts';
import { parseDuration, parseInstant } from '../../schedule/parseInstant.ts';
import type { Output } from '../../terminal/Output.ts';
import { firstLine } from '../../terminal/text.ts';
import { messageOf } from '../../util/thrown.ts';
import type { ExitCode } from '../Action.ts';
import { wholeLogToJson } from '../json.ts';
import type { HostArguments } from '../options.ts';
import { LogFollower } from './LogFollower.ts';
import { LogView } from './LogView.ts';
import { StopSignals } from './StopSignals.ts';

/** Arguments of `cron:log`, as yargs names them. */
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

/** Options of `cron:log`. */
export type LogOptions = Omit<LogArguments, 'longer-than'> & { readonly longerThan: string | undefined };

const FOLLOW_MILLIS = 1_000;

/** Runs asked for at once: messages can be long. */
const PAGE = 200;

/** Shows the log. @throws CronError when an option makes no sense, or the database cannot be used. */
export async function showLog(options: LogOptions, out: Output): Promise<ExitCode> {
  await using host = await openHost(options);
  try {
    await new LogCall(getCronRunner(host.orm), options, out).show();
    return 0;
  } catch (error) {
    throw explainDatabaseError(error, host.orm);
  }
}

/** One call of `cron:log`. */
class LogCall {
  readonly #options: LogOptions;
  readonly #out: Output;
  readonly #runner: CronRunner;
  readonly #view: LogView;

  constructor(runner: CronRunner, options: LogOptions, out: Output) {
    this.#runner = runner;
    this.#out = out;
    this.#options = options;
    this.#view = new LogView(out.text, runner.settings.timeZone);
  }

  async show(): Promise<void> {
    const { id, follow, limit } = this.#options;
    const { orm, settings } = this.#runner;
    const now = await this.#answer(readNow(ownEm(orm), settings.clock));
    if (id !== undefined) {
      await this.#one(id, now);
      return;
    }
    const conditions = this.#conditions(now);
    if (follow) {
      await this.#follow(conditions, limit ?? 10);
      return;
    }
    const count = await this.#list(conditions, now);
    if (this.#options.json) {
      return;
    }
    if (count > 0) {
      this.#view.zone();
    } else {
      this.#out.text.line('No such runs');
    }
  }

  /** Prints page by page; gives how many runs there were. */
  async #list(conditions: LogsOptions, now: Date): Promise<number> {
    const { limit = 20 } = this.#options;
    const query = this.#runner.logQuery();
    const filter = await this.#answer(query.filter(conditions));
    let { before } = this.#options;
    for (let count = 0; ;) {
      const size = Math.min(PAGE, limit - count);
      const page = await this.#answer(query.reader.list(filter, size, before));
      if (page.length > 0) {
        this.#print(page, now);
      }
      count += page.length;
      before = page.at(-1)?.id;
      if (page.length < size || count >= limit) {
        return count;
      }
    }
  }

  async #one(id: number, now: Date): Promise<void> {
    const log = await this.#runner.log(id);
    if (log === null) {
      throw new CronError(`cron:log: there is no run ${id} in the log; it may have been deleted as old`);
    }
    if (this.#options.json) {
      this.#print([log], now);
    } else {
      this.#view.whole(log, now);
    }
  }

  async #follow(conditions: LogsOptions, limit: number): Promise<void> {
    using signals = new StopSignals(this.#out.text.stream);
    const follower = await this.#beginFollowing(conditions, limit, signals.signal).catch((error: unknown) => {
      if (!signals.signal.aborted) {
        throw error;
      }
    });
    await follower?.follow(signals.signal, {
      everyMillis: FOLLOW_MILLIS,
      answer: async (work, signal) => this.#answer(work, signal),
      onRun: log => this.#printRun(log),
      onError: error => {
        this.#out.error(`the log could not be read, trying again: ${firstLine(messageOf(error))}`);
      },
    });
  }

  /** Shows what was before, and gives what shows the rest. */
  async #beginFollowing(conditions: LogsOptions, limit: number, signal: AbortSignal): Promise<LogFollower> {
    const answer = async <Value>(work: Promise<Value>) => this.#answer(work, signal);
    const query = this.#runner.logQuery();
    const { reader } = query;
    const filter = await answer(query.filter(conditions));
    const [newest = { id: 0 }] = await answer(reader.list({}, 1));
    const earlier = await answer(reader.list(filter, limit, newest.id + 1));
    const follower = new LogFollower(reader, filter, newest.id);
    // A run that is already running is reported when it ends.
    const running = await answer(reader.list({ codes: filter.codes, statuses: ['running'] }, 1_000));
    await answer(follower.begin(running));
    earlier.reverse().forEach(log => this.#printRun(log));
    return follower;
  }

  /** The flags with instants and milliseconds for texts: an error must name the flag. */
  #conditions(now: Date): LogsOptions {
    const { code, failed, status, since, until, longerThan, grep } = this.#options;
    const { timeZone } = this.#runner.settings;
    const instant = (text: string | undefined, option: string) =>
      text === undefined ? undefined : parseInstant(text, option, now, timeZone);
    return {
      since: instant(since, '--since'),
      until: instant(until, '--until'),
      longerThan: longerThan === undefined ? undefined : parseDuration(longerThan, '--longer-than'),
      grep,
      failed,
      statuses: status,
      codes: code,
    };
  }

  async #answer<Value>(work: Promise<Value>, signal?: AbortSignal): Promise<Value> {
    return answerWithin(this.#runner, work, signal);
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
      this.#out.data(wholeLogToJson(log));
    } else {
      this.#view.line(log);
    }
  }
}
