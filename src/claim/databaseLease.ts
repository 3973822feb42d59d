import type { Dialect } from '../database/Dialect.ts';
import { dialectOf } from '../database/dialectOf.ts';
import { nowSql, tableName } from '../database/ourTables.ts';
import type { OwnConnection } from '../database/OwnConnection.ts';
import { CronJobLock } from '../lock/CronJobLock.ts';
import type { LockLease } from '../lock/LockProvider.ts';
import type { Clock } from '../util/clock.ts';
import type { ClaimedRun } from './Claim.ts';

/** The lease that a claim has taken in `cron_job_lock`: renewed and given back only while owner and fence are still ours. */
export function databaseLease(
  connection: OwnConnection,
  { log: { code }, token, fence }: ClaimedRun,
  { leaseSeconds, clock }: { readonly leaseSeconds: number; readonly clock: Clock | undefined },
): LockLease {
  const update = async (assignment: (sql: Dialect) => string) =>
    connection.run(async em => {
      const set = assignment(dialectOf(em));
      const statement = `update ${tableName(em, CronJobLock)} set ${set} where code = ? and owner = ? and fence = ?`;
      const { affectedRows } = await em.execute<{ affectedRows: number }>(statement, [code, token, fence], 'run');
      return affectedRows > 0;
    }, leaseSeconds * 1_000);
  const end = (sql: Dialect) => sql.instant(`${sql.millis(nowSql(sql, clock))} + ${leaseSeconds * 1_000}`);
  return {
    renew: async () => update(sql => `locked_until = ${end(sql)}`),
    release: async () => void (await update(() => 'owner = null')),
  };
}
