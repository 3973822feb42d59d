import type { Check } from './Check.ts';
import { checkClock } from './checkClock.ts';
import { checkEncoding } from './checkEncoding.ts';
import { checkLocks } from './checkLocks.ts';
import { checkMigrations } from './checkMigrations.ts';
import { checkNotices } from './checkNotices.ts';
import { checkSchedules } from './checkSchedules.ts';
import { checkSession } from './checkSession.ts';
import { checkTables } from './checkTables.ts';

/** What `cron:check` looks into, in this order, once config, jobs and database have been looked at. */
export const checks: readonly Check[] = [
  { name: 'schedules', needsDatabase: false, run: checkSchedules },
  { name: 'notices', needsDatabase: false, run: checkNotices },
  { name: 'migration', needsDatabase: false, run: checkMigrations },
  { name: 'tables', needsDatabase: true, run: checkTables },
  { name: 'encoding', needsDatabase: true, follows: 'tables', run: checkEncoding },
  { name: 'locks', needsDatabase: true, follows: 'tables', run: checkLocks },
  { name: 'session', needsDatabase: true, run: checkSession },
  { name: 'clock', needsDatabase: true, run: checkClock },
];
