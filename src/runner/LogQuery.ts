import type { MikroORM } from '@mikro-orm/core';
import { ownEm, readNow } from '../database/ourTables.ts';
import { CronError } from '../errors.ts';
import type { CronJobLog, RunStatus } from '../history/CronJobLog.ts';
import { FAILED, type LogFilter, LogReader } from '../history/LogReader.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import { matchesName } from '../job/matchesName.ts';
import { few, jobsNamed, suggestion } from '../job/selectJobs.ts';
import { parseDuration, parseInstant } from '../schedule/parseInstant.ts';
import type { ResolvedSettings } from '../settings/CronSettings.ts';
import { COUNT_ALLOWED, isCount } from '../util/rules.ts';
import { checkOption } from './RunOptions.ts';

/**
 * Which runs of the log `runner.logs()` gives: the flags of `cron:log`. All conditions that are given must hold; an empty
 * list is no condition.
 */
export interface LogsOptions {
  /** Only runs of these jobs: codes, class names or patterns such as `billing.*`, also of jobs that are only in the log. */
  readonly codes?: readonly string[] | undefined;
  /** Only runs with one of these statuses. */
  readonly statuses?: readonly RunStatus[] | undefined;
  /** Only runs that failed, timed out or were abandoned. @default false */
  readonly failed?: boolean | undefined;
  /** Only runs that started at this time or later: an instant, or a text such as `2h` (ago), `2026-03-01` or `2026-03-01 06:30`. */
  readonly since?: Date | string | undefined;
  /** Only runs that started at this time or earlier. */
  readonly until?: Date | string | undefined;
  /** Only runs that took longer, or have been running for longer: milliseconds, or a text such as `90s` or `1h30m`. */
  readonly longerThan?: number | string | undefined;
  /** Only runs whose message contains this text, ignoring case. */
  readonly grep?: string | undefined;
  /** Only runs with a smaller id: that of a page's last run gives the next page. */
  readonly before?: number | undefined;
  /** Maximum number of runs. @default 20 */
  readonly limit?: number | undefined;
}

/** Where a {@link LogQuery} reads from. */
interface LogSource {
  readonly orm: MikroORM;
  readonly settings: Pick<ResolvedSettings, 'clock' | 'timeZone'>;
  jobs(): Promise<readonly CronJobBase[]>;
}

/** Asks the log for runs. */
export class LogQuery {
  readonly reader: LogReader;
  readonly #source: LogSource;

  constructor(source: LogSource) {
    this.#source = source;
    this.reader = new LogReader(source.orm, source.settings.clock);
  }

  /** @throws CronError when an option is not allowed, or a job is unknown. */
  async list(options: LogsOptions): Promise<CronJobLog[]> {
    const { limit = 20, before } = options;
    checkOption('logs', 'limit', limit, isCount, COUNT_ALLOWED);
    checkOption('logs', 'before', before, isCount, COUNT_ALLOWED);
    return this.reader.list(await this.filter(options), limit, before);
  }

  /** The conditions with codes for names and instants for texts. */
  async filter({ codes = [], statuses = [], failed, since, until, longerThan, grep }: LogsOptions): Promise<LogFilter> {
    checkOption('logs', 'grep', grep, isMessageText, 'a text without NUL characters');
    if (failed && statuses.length > 0) {
      throw new CronError('CronRunner.logs(): failed and statuses are mutually exclusive; leave one of them out');
    }
    const isText = [since, until].some(time => typeof time === 'string');
    const { orm, settings } = this.#source;
    const now = isText ? await readNow(ownEm(orm), settings.clock) : new Date(0);
    return {
      since: this.#instant(since, 'since', now),
      until: this.#instant(until, 'until', now),
      longerThanMillis: millisOf(longerThan),
      grep,
      statuses: failed ? FAILED : statuses.length > 0 ? statuses : undefined,
      codes: codes.length > 0 ? await this.#codes(codes) : undefined,
    };
  }

  #instant(time: Date | string | undefined, name: 'since' | 'until', now: Date): Date | undefined {
    checkOption('logs', name, time, value => typeof value === 'string' || isDate(value), 'a valid Date or a text');
    return typeof time === 'string'
      ? parseInstant(time, `CronRunner.logs(): ${name}`, now, this.#source.settings.timeZone)
      : time;
  }

  /** Codes of present jobs and of such that are only in the log. */
  async #codes(names: readonly string[]): Promise<string[]> {
    // The log must be readable while a job cannot be loaded: that may be what somebody is looking into.
    const [jobs, logged] = await Promise.all([this.#source.jobs().catch(() => []), this.reader.codes()]);
    const known = [...new Set([...jobs.map(job => job.code), ...logged])];
    return names.flatMap(name => {
      const codes = known.includes(name)
        ? [name]
        : [...jobsNamed(jobs, name).map(job => job.code), ...logged.filter(code => matchesName(code, name))];
      if (codes.length === 0) {
        const near = suggestion([name], known);
        throw new CronError(`There is no job '${name}' and no run of one${near}; known codes: ${few(known) || 'none'}`);
      }
      return [...new Set(codes)];
    });
  }
}

function isDate(value: unknown): boolean {
  return value instanceof Date && !Number.isNaN(value.getTime());
}

/** Databases refuse a NUL, and a message never has one. */
function isMessageText(value: unknown): boolean {
  return typeof value === 'string' && !value.includes('\0');
}

function millisOf(longerThan: number | string | undefined): number | undefined {
  if (typeof longerThan === 'string') {
    return parseDuration(longerThan, 'CronRunner.logs(): longerThan');
  }
  const isMillis = (value: unknown) => Number.isFinite(value) && (value as number) >= 0;
  checkOption('logs', 'longerThan', longerThan, isMillis, "milliseconds, or a text such as '90s'");
  return longerThan;
}
