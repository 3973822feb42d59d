import { dialectOf } from '../../database/dialectOf.ts';
import { ownEm } from '../../database/ourTables.ts';
import { leaseSecondsOf } from '../../lock/LockProvider.ts';
import { type CheckContext, type Finding, ok, problem, warning } from './Check.ts';

/** How many busy time-outs a lease must last, so that a heartbeat comes in time after a write that waits. */
const WAITS_A_LEASE = 3;

/** Whether the session to the database is one in which jobs are locked and logged as the docs say. */
export async function checkSession(context: CheckContext): Promise<Finding[]> {
  const findings = [...(await findRefusal(context)), ...(await findWaits(context))];
  return findings.length > 0 ? findings : [ok('its settings suit locks and log')];
}

async function findRefusal({ orm }: CheckContext): Promise<Finding[]> {
  const { refusal } = dialectOf(orm);
  if (!refusal) {
    return [];
  }
  const [row] = await ownEm(orm).execute<Record<string, unknown>[]>(refusal.statement);
  const why = row && refusal.explain(row);
  return why ? [problem(why.what, why.wayOut)] : [];
}

/** Where a job's write waits for another process within the call, no heartbeat goes out meanwhile. */
async function findWaits({ orm, jobs, runner }: CheckContext): Promise<Finding[]> {
  const waits = await dialectOf(orm).readWaits?.(ownEm(orm), orm.config);
  if (!waits) {
    return [];
  }
  const { journalMode, busyMillis } = waits;
  const findings: Finding[] = [];
  if (journalMode !== 'wal') {
    findings.push(
      warning(
        `the journal mode of the SQLite file is '${journalMode}': readers and writers wait for one another`,
        'run `pragma journal_mode = wal` once on it',
      ),
    );
  }
  const least = (WAITS_A_LEASE * busyMillis) / 1_000;
  const short = jobs.filter(job => !job.allowParallelRuns && leaseSecondsOf(job, runner.settings) < least);
  if (short.length > 0) {
    const codes = short.length > 5 ? `${short.length} jobs` : short.map(({ code }) => code).join(', ');
    findings.push(
      warning(
        `the lease of ${codes} is near the busy time-out of SQLite (${busyMillis / 1_000} s), for which a write may keep heartbeats from going out`,
        `set lockTimeSeconds to at least ${least}, or driverOptions.timeout to less`,
      ),
    );
  }
  return findings;
}
