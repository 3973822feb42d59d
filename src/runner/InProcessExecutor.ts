import { type MikroORM, RequestContext, TransactionContext } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/sql';
import { dialectOf } from '../database/dialectOf.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import { withEventLoopTurns } from './eventLoopTurns.ts';
import type { Executor, RunContext } from './Executor.ts';

/**
 * Runs a job in this process, in a request context of its own: the job's `em` and the host's global `orm.em` within
 * `do()` are the same fresh fork, which carries the run's signal, so that an aborted run's queries are cancelled on the
 * server.
 */
export class InProcessExecutor implements Executor {
  readonly #orm: MikroORM;

  constructor(orm: MikroORM) {
    this.#orm = orm;
  }

  async execute(job: CronJobBase, context: RunContext): Promise<unknown> {
    const { abortStrategy } = dialectOf(this.#orm);
    const options = {
      clear: true,
      disableContextResolution: true,
      signal: context.signal,
      inflightQueryAbortStrategy: abortStrategy,
    };
    return RequestContext.create(
      this.#orm.em,
      async () => {
        const em = RequestContext.getEntityManager(this.#orm.em.name) as EntityManager;
        const run = async () => {
          try {
            return await withEventLoopTurns(this.#orm, async () => job.do({ ...context, em }));
          } finally {
            await endTransaction(em);
          }
        };
        // A transaction that somebody ticks within is not the job's.
        return TransactionContext.currentTransactionContext() ? TransactionContext.create(em, run) : run();
      },
      options,
    );
  }
}

/** A transaction that the job left open would keep its connection and its row locks. */
async function endTransaction(em: EntityManager): Promise<void> {
  if (em.isInTransaction()) {
    await em.rollback().catch(() => undefined);
  }
}
