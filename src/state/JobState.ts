import type { Dialect } from '../database/Dialect.ts';

/** A pause of one job, or of all. */
export interface JobPause {
  readonly since: Date;
  /** When it ends by itself; `null` when it lasts until somebody resumes the job. */
  readonly until: Date | null;
  readonly by: string;
  /** `null` when none was given. */
  readonly reason: string | null;
}

/** A pause that has ended. */
export interface EndedPause extends Pick<JobPause, 'since' | 'by' | 'reason'> {
  readonly until: Date;
}

/** A slot, or all slots up to an instant, that must not run. */
export interface JobSkip {
  /** One slot; for an interval, the instant of its next run. */
  readonly slot: Date | null;
  /** Everything before this instant. */
  readonly until: Date | null;
  readonly by: string;
}

/** A run that somebody has requested and that has not started. */
export interface JobRequest {
  readonly id: string;
  readonly at: Date;
  readonly by: string;
  /** As JSON; `null` when it has none. */
  readonly arguments: string | null;
}

/** The state of a job in `cron_job_state`, as a tick reads it. */
export interface JobState {
  readonly pause: JobPause | null;
  /** The pause of all jobs. */
  readonly pauseOfAll: JobPause | null;
  readonly skip: JobSkip | null;
  readonly request: JobRequest | null;
  /** The last pause that somebody has ended, of this job or of all, by which missed slots are explained. */
  readonly endedPauses: readonly EndedPause[];
  /** The newest slot that is recorded as missed. */
  readonly missedThrough: Date | null;
  /** The rows as they were read, by which a claim sees whether something has been set since. */
  readonly read: { readonly own: string | null; readonly ofAll: string | null };
}

/** Between the values of a state in one text: no name or reason has it. */
export const SEPARATOR = '\u001f';

const INSTANTS = [
  'paused_at',
  'paused_until',
  'skip_slot',
  'skip_until',
  'requested_at',
  'missed_through',
  'last_paused_at',
  'last_resumed_at',
] as const;

const TEXTS = [
  'request_id',
  'paused_by',
  'skipped_by',
  'requested_by',
  'last_paused_by',
  'pause_reason',
  'last_pause_reason',
  'request_arguments',
] as const;

/**
 * A row of `cron_job_state` as one text, null when there is none: nearly all jobs have none, so a tick reads one null a job
 * instead of sixteen.
 */
export function stateText(sql: Dialect, alias: string): string {
  const parts = [
    ...INSTANTS.map(name => sql.concat(sql.millis(`${alias}.${name}`), `''`)),
    ...TEXTS.map(name => `${alias}.${name}`),
  ].flatMap((part, at) => [...(at === 0 ? [] : [`'${SEPARATOR}'`]), `coalesce(${part}, '')`]);
  return `case when ${alias}.code is null then null else ${sql.concat(...parts)} end`;
}

/** The columns and joins that bring the state of each code of `c`. */
export function stateParts(sql: Dialect, table: string, code: string): { columns: string; joins: string } {
  return {
    columns: `${stateText(sql, 'o')} as own_state, ${stateText(sql, 'a')} as state_of_all`,
    joins: `left join ${table} o on o.code = ${code} left join ${table} a on a.code = '*'`,
  };
}

/** A row of {@link stateParts}. */
export interface StateRow {
  own_state: string | null;
  state_of_all: string | null;
}

/** The state of a job for which nothing is set. */
export const NO_STATE: JobState = {
  pause: null,
  pauseOfAll: null,
  skip: null,
  request: null,
  endedPauses: [],
  missedThrough: null,
  read: { own: null, ofAll: null },
};

/** A row of the statement as a state. */
export function toState({ own_state: own, state_of_all: ofAll }: StateRow): JobState {
  if (own === null && ofAll === null) {
    return NO_STATE;
  }
  const [values, all] = [valuesOf(own), valuesOf(ofAll)];
  return {
    pause: pauseOf(values),
    pauseOfAll: pauseOf(all),
    skip:
      values.skip_slot === null && values.skip_until === null
        ? null
        : { slot: date(values.skip_slot), until: date(values.skip_until), by: values.skipped_by ?? '' },
    request:
      values.request_id === null
        ? null
        : {
            id: values.request_id,
            at: date(values.requested_at) ?? new Date(0),
            by: values.requested_by ?? '',
            arguments: values.request_arguments,
          },
    endedPauses: [values, all].flatMap(endedPauseOf),
    missedThrough: date(values.missed_through),
    read: { own, ofAll },
  };
}

type Values = Record<(typeof INSTANTS)[number] | (typeof TEXTS)[number], string | null>;

function valuesOf(text: string | null): Values {
  const values = text?.split(SEPARATOR) ?? [];
  return Object.fromEntries([...INSTANTS, ...TEXTS].map((name, at) => [name, values[at] || null])) as Values;
}

function pauseOf(values: Values): JobPause | null {
  const since = date(values.paused_at);
  return since && { since, until: date(values.paused_until), by: values.paused_by ?? '', reason: values.pause_reason };
}

function endedPauseOf(values: Values): EndedPause[] {
  const [since, until] = [date(values.last_paused_at), date(values.last_resumed_at)];
  return since && until ? [{ since, until, by: values.last_paused_by ?? '', reason: values.last_pause_reason }] : [];
}

function date(millis: string | null): Date | null {
  return millis === null ? null : new Date(Number(millis));
}

/** The pause that holds a job at an instant, its own before that of all; `null` when none does. */
export function pauseAt({ pause, pauseOfAll }: JobState, now: Date): JobPause | null {
  return [pause, pauseOfAll].find(one => one && (one.until === null || now < one.until)) ?? null;
}
