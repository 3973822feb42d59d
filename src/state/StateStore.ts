import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/sql';
import { dialectOf } from '../database/dialectOf.ts';
import { nowSql, tableName } from '../database/ourTables.ts';
import type { Clock } from '../util/clock.ts';
import { ALL_JOBS, CronJobState } from './CronJobState.ts';
import { type JobState, stateParts, type StateRow, toState } from './JobState.ts';
import { nameText } from './whoIsThis.ts';

/** How a pause is set. */
export interface PauseValues {
  readonly until: Date | null;
  readonly by: string;
  readonly reason: string | null;
}

/** A waiting request, and whether it is the one just made. */
export interface RequestMade {
  readonly id: string;
  /** `false` when another request waits already, which this is the id of. */
  readonly isNew: boolean;
}

/** The assignments that empty a request. */
export const NO_REQUEST = 'request_id = null, requested_at = null, requested_by = null, request_arguments = null';

/** Reads and writes `cron_job_state`. Every write is one UPDATE of a row that is there, so that none is half done. */
export class StateStore {
  readonly #em: EntityManager;
  readonly #clock: Clock | undefined;
  readonly #table: string;

  constructor(em: EntityManager, clock: Clock | undefined) {
    this.#em = em;
    this.#clock = clock;
    this.#table = tableName(em, CronJobState);
  }

  /** The states of these jobs and the present instant. */
  async read(
    codes: readonly string[],
  ): Promise<{ readonly now: Date; readonly states: ReadonlyMap<string, JobState> }> {
    const sql = dialectOf(this.#em);
    const { columns, joins } = stateParts(sql, this.#table, 'c.code');
    const rows = await this.#em.execute<(StateRow & { code: string; now: number })[]>(
      `select c.code, ${sql.millis(this.#now())} as now, ${columns} from ${sql.codes('?')} c ${joins}`,
      [JSON.stringify(codes)],
    );
    return {
      now: new Date(rows[0]?.now ?? Date.now()),
      states: new Map(rows.map(row => [row.code, toState(row)])),
    };
  }

  /** Pauses these jobs, `*` for all; a pause that is there gets the new end and reason, and keeps its beginning. */
  async pause(codes: readonly string[], { until, by, reason }: PauseValues): Promise<void> {
    const now = this.#now();
    // What an end that has passed leaves behind is no pause: it is kept as the last one, and a new one begins.
    const isOver = `paused_until is not null and paused_until <= ${now}`;
    const keep = (column: string, from: string) => `${column} = case when ${isOver} then ${from} else ${column} end`;
    await this.#insert(codes);
    // Each column from the values of before, also where assignments are carried out in turn (MySQL).
    await this.#update(
      codes,
      `${keep('last_paused_at', 'paused_at')}, ${keep('last_paused_by', 'paused_by')},` +
        ` ${keep('last_pause_reason', 'pause_reason')}, ${keep('last_resumed_at', 'paused_until')},` +
        ` paused_at = case when paused_at is null or (${isOver}) then ${now} else paused_at end,` +
        ` paused_until = ${this.#instant(until)}, paused_by = ?, pause_reason = ?`,
      [nameText(by), reason === null ? null : nameText(reason)],
    );
  }

  /** Ends the pauses of these jobs, and keeps each as the last one. @returns how many there were */
  async resume(codes: readonly string[]): Promise<number> {
    const now = this.#now();
    return this.#update(
      codes,
      `last_paused_at = paused_at, last_paused_by = paused_by, last_pause_reason = pause_reason,` +
        ` last_resumed_at = case when paused_until is not null and paused_until <= ${now} then paused_until else ${now} end,` +
        ` paused_at = null, paused_until = null, paused_by = null, pause_reason = null`,
      [],
      { sql: 'and paused_at is not null' },
    );
  }

  async skip(code: string, { slot, until, by }: { slot: Date | null; until: Date | null; by: string }): Promise<void> {
    await this.#insert([code]);
    const values = `skip_slot = ${this.#instant(slot)}, skip_until = ${this.#instant(until)}, skipped_by = ?`;
    await this.#update([code], values, [nameText(by)]);
  }

  /** Requests a run; a second request finds the first, which waits. */
  async request(code: string, { by, args }: { by: string; args: string | null }): Promise<RequestMade> {
    const id = randomUUID();
    for (;;) {
      await this.#insert([code]);
      const isNew = await this.#update(
        [code],
        `requested_at = ${this.#now()}, requested_by = ?, request_arguments = ?, request_id = ?`,
        [nameText(by), args, id],
        { sql: 'and request_id is null' },
      );
      const [row] = await this.#em.execute<{ request_id: string | null }[]>(
        `select request_id from ${this.#table} where code = ?`,
        [code],
      );
      // Carried out between the two statements: it is asked for again.
      if (isNew > 0 || row?.request_id) {
        return isNew > 0 ? { id, isNew: true } : { id: row!.request_id!, isNew: false };
      }
    }
  }

  /** Takes a request for a claim. @returns whether it still waited */
  async takeRequest(code: string, id: string): Promise<boolean> {
    return (await this.#update([code], NO_REQUEST, [], { sql: 'and request_id = ?', values: [id] })) > 0;
  }

  /** Asks for the end of runs, by their numbers. */
  async cancel(code: string, runs: readonly number[], by: string): Promise<void> {
    await this.#insert([code]);
    const values = `cancel_runs = ?, cancel_requested_at = ${this.#now()}, cancel_requested_by = ?`;
    await this.#update([code], values, [JSON.stringify(runs), nameText(by)]);
  }

  /** Runs of these jobs that are to end, and who asks for it. */
  async cancelled(codes: readonly string[]): Promise<ReadonlyMap<number, string>> {
    const rows = await this.#em.execute<{ cancel_runs: string; cancel_requested_by: string | null }[]>(
      `select cancel_runs, cancel_requested_by from ${this.#table} where cancel_runs is not null and code in (${marks(codes)})`,
      [...codes],
    );
    return new Map(
      rows.flatMap(({ cancel_runs: runs, cancel_requested_by: by }) =>
        (JSON.parse(runs) as number[]).map((id): [number, string] => [id, by ?? '']),
      ),
    );
  }

  /** Whether one of these jobs has a request that waits and no pause that holds it back. */
  async hasRequest(codes: readonly string[]): Promise<boolean> {
    const now = this.#now();
    const isPaused = (alias: string) =>
      `${alias}.paused_at is not null and (${alias}.paused_until is null or ${alias}.paused_until > ${now})`;
    const rows = await this.#em.execute<{ code: string }[]>(
      `select s.code from ${this.#table} s where s.request_id is not null and not (${isPaused('s')})` +
        ` and not exists (select 1 from ${this.#table} a where a.code = '${ALL_JOBS}' and ${isPaused('a')})`,
    );
    return rows.some(({ code }) => codes.includes(code));
  }

  async #insert(codes: readonly string[]): Promise<void> {
    const sorted = codes.toSorted();
    const insert = `insert into ${this.#table} (code) values ${sorted.map(() => '(?)').join(', ')}`;
    await this.#em.execute(dialectOf(this.#em).insertIgnore(insert), sorted, 'run');
  }

  async #update(
    codes: readonly string[],
    assignments: string,
    parameters: readonly unknown[],
    condition: { readonly sql: string; readonly values?: readonly unknown[] } = { sql: '' },
  ): Promise<number> {
    const { affectedRows } = await this.#em.execute<{ affectedRows: number }>(
      `update ${this.#table} set ${assignments} where code in (${marks(codes)}) ${condition.sql}`,
      [...parameters, ...codes, ...(condition.values ?? [])],
      'run',
    );
    return affectedRows;
  }

  #instant(value: Date | null): string {
    return value === null ? 'null' : dialectOf(this.#em).instant(String(value.getTime()));
  }

  #now(): string {
    return nowSql(dialectOf(this.#em), this.#clock);
  }
}

function marks(values: readonly unknown[]): string {
  return values.map(() => '?').join(', ');
}
