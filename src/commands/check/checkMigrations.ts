import type { EntityManager } from '@mikro-orm/sql';
import { dialectOf } from '../../database/dialectOf.ts';
import { HostMigrations } from '../install/HostMigrations.ts';
import { type CheckContext, type Finding, ok, problem, skipped } from './Check.ts';
import { compareTables } from './compareTables.ts';

/** The remedy for a host without the shipped migration. */
export const INSTALL = 'run `npx mikro-orm-cron cron:install`, then `npx mikro-orm migration:up`';

/**
 * Whether the shipped migrations are among the host's, alone in creating our tables, and in its snapshot. The trap: with
 * our entities registered, a `migration:create` before `migration:up` puts our tables into a migration of the host's own.
 */
export async function checkMigrations({ orm }: CheckContext): Promise<Finding[]> {
  const migrations = new HostMigrations(orm.em as unknown as EntityManager);
  const shipped = dialectOf(orm).migrations;
  const files = await migrations.files();
  if (files.length === 0 && migrations.listed === null) {
    return [skipped('the host has no migrations, so what creates the tables is not known')];
  }
  const own = await migrations.ownCreator();
  const missing = await migrations.lacking(shipped);
  const installed = shipped.filter(name => !missing.includes(name));
  const double = await migrations.ownTwin(installed);
  if (double) {
    const { path } = double.own;
    const rivals = (await migrations.reExports(installed.slice(installed.indexOf(double.twin)))).map(file => file.path);
    const remedy = `delete the statements about cron_job_log, cron_job_lock and cron_job_state from ${path}; or, if it has been run already, ${rivals.length === 0 ? "the package's migrations from migrationsList" : `the ${rivals.length === 1 ? 'file' : 'files'} ${rivals.join(' and ')}`}`;
    const text =
      double.twin === shipped[0]
        ? 'creates the tables that the installed migrations create too'
        : `makes the change that the installed migration ${double.twin} makes too`;
    return [problem(`${path} ${text}`, remedy)];
  }
  if (missing.length > 0 && !own) {
    return [problem(`the host's migrations lack ${missing.join(', ')}`, INSTALL)];
  }
  const snapshot = await migrations.snapshot();
  const problems = snapshot ? compareTables(snapshot, orm) : [];
  if (problems.length > 0) {
    return [
      problem(
        `in the host's migration snapshot ${problems.join('; ')}: the next migration:create would put that into a migration of the host's own`,
        'run `npx mikro-orm migration:up` before it, which updates the snapshot, and commit the snapshot',
      ),
    ];
  }
  const creator = own ? [`the tables are created by ${own.path}`] : [];
  const what = [...creator, ...(installed.length > 0 ? [`${installed.join(', ')} installed`] : [])].join('; ');
  return [ok(snapshot ? `${what}; the snapshot has the tables` : what)];
}
