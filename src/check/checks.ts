import type { Check } from './Check.ts';
import { checkClock } from './checkClock.ts';
import { checkLocks } from './checkLocks.ts';
import { checkMigrations } from './checkMigrations.ts';
import { checkSchedules } from './checkSchedules.ts';
import { checkTables } from './checkTables.ts';

/** What `cron:check` looks into, in this order, once config, jobs and database have been looked at. */
export const checks: readonly Check[] = [
  { name: 'schedules', needsDatabase: false, run: checkSchedules },
  { name: 'migration', needsDatabase: false, run: checkMigrations },
  { name: 'tables', needsDatabase: true, run: checkTables },
  { name: 'locks', needsDatabase: true, run: checkLocks },
  { name: 'clock', needsDatabase: true, run: checkClock },
];
