import { hostname } from 'node:os';
import type { EntityManager } from '@mikro-orm/sql';
import { FRESH, UNFILTERED } from '../database/ourTables.ts';
import { copyLog, CronJobLog, type RunStatus } from './CronJobLog.ts';
import { fitMessage } from './RunMessage.ts';

/** What a run is known by when it starts. */
export interface RunStart {
  readonly code: string;
  readonly startTime: Date;
  readonly scheduledFor: Date | null;
  readonly ranAtTime: string | null;
}

/** How a run ended. */
export interface RunEnd {
  readonly status: Exclude<RunStatus, 'running'>;
  readonly endTime: Date;
  readonly message: string;
}

/**
 * Writes the rows of runs. Each call is one statement of its own on a fork that no job ever sees, so nothing that a job
 * leaves behind, a broken unit of work or an open transaction, can touch the log.
 */
export class RunLog {
  readonly #em: EntityManager;

  constructor(em: EntityManager) {
    this.#em = em;
  }

  /** Writes the row "running". */
  async start(run: RunStart): Promise<CronJobLog> {
    const row = {
      ...run,
      endTime: null,
      status: 'running' as const,
      message: '',
      host: hostname(),
      pid: process.pid,
    };
    const id = await this.#em.insert(CronJobLog, row);
    return Object.assign(new CronJobLog(), row, { id: Number(id) });
  }

  /** Writes what a run has said so far, while it stands as running. */
  async saveMessage(row: CronJobLog, message: string): Promise<void> {
    await this.#em.nativeUpdate(CronJobLog, { id: row.id, status: 'running' }, { message }, UNFILTERED);
  }

  /**
   * Writes how a run ended, and gives the row as it then stands; `null` when it no longer stood as running, because
   * whoever took its lock after it was lost has closed it: then that stays as it is.
   */
  async end(row: CronJobLog, end: RunEnd): Promise<CronJobLog | null> {
    const data = { ...end, message: fitMessage(end.message) };
    const affected = await this.#em.nativeUpdate(CronJobLog, { id: row.id, status: 'running' }, data, UNFILTERED);
    return affected > 0 || (await this.#isWritten(row.id, data)) ? copyLog(row, data) : null;
  }

  /** Whether an earlier try has written this end, and only its answer was lost with the connection. */
  async #isWritten(id: number, { status, endTime }: RunEnd): Promise<boolean> {
    const row = await this.#em.findOne(CronJobLog, { id }, { ...FRESH, disableIdentityMap: true });
    return row?.status === status && row.endTime?.getTime() === endTime.getTime();
  }

  /**
   * Closes what dead processes left as "running".
   *
   * @param isDead which runs those are; all, for who holds the job's lock: then no other run of it can be going on
   */
  async abandonOrphans(
    code: string,
    now: Date,
    isDead: (run: CronJobLog, now: Date) => boolean = () => true,
  ): Promise<CronJobLog[]> {
    const running = await this.#em.find(
      CronJobLog,
      { code, status: 'running' },
      { ...FRESH, disableIdentityMap: true },
    );
    const abandoned: CronJobLog[] = [];
    for (const orphan of running.filter(run => isDead(run, now))) {
      const started = `${orphan.host}, pid ${orphan.pid}, started ${orphan.startTime.toISOString()}`;
      const note = `Abandoned: its process died or lost its lock before the run ended (${started}).`;
      const message = orphan.message === '' ? note : `${orphan.message}\n${note}`;
      const closed = await this.end(orphan, { status: 'abandoned', endTime: now, message });
      if (closed) {
        abandoned.push(closed);
      }
    }
    return abandoned;
  }
}
