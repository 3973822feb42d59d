import type { MikroORM } from '@mikro-orm/core';
import { dialectOf } from '../database/dialectOf.ts';
import { nowSql, tableName } from '../database/ourTables.ts';
import type { OwnConnection } from '../database/OwnConnection.ts';
import { CronJobLock } from '../lock/CronJobLock.ts';
import type { LockLease } from '../lock/LockProvider.ts';
import type { Clock } from '../util/clock.ts';
import type { ClaimedRun } from './Claim.ts';

/** The lease that a claim has taken in `cron_job_lock`: renewed and given back only while owner and fence are still ours. */
export function databaseLease(
  orm: MikroORM,
  connection: OwnConnection,
  { log: { code }, token, fence }: ClaimedRun,
  { leaseSeconds, clock }: { readonly leaseSeconds: number; readonly clock: Clock | undefined },
): LockLease {
  const sql = dialectOf(orm);
  const lock = tableName(orm, CronJobLock);
  const update = async (assignment: () => string) =>
    connection.run(async em => {
      const statement = `update ${lock} set ${assignment()} where code = ? and owner = ? and fence = ?`;
      const { affectedRows } = await em.execute<{ affectedRows: number }>(statement, [code, token, fence], 'run');
      return affectedRows > 0;
    }, leaseSeconds * 1_000);
  const end = () => sql.instant(`${sql.millis(nowSql(sql, clock))} + ${leaseSeconds * 1_000}`);
  return {
    renew: async () => update(() => `locked_until = ${end()}`),
    release: async () => void (await update(() => 'owner = null')),
  };
}
