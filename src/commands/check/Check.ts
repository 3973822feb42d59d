import type { MikroORM } from '@mikro-orm/core';
import type { CronJobBase } from '../../job/CronJobBase.ts';
import type { CronRunner } from '../../runner/CronRunner.ts';

/** The findings of one check. */
export interface Finding {
  /** 'skipped' is a check that could not be made, because of another problem or because it was not asked for. */
  readonly status: 'ok' | 'warning' | 'problem' | 'skipped';
  /** What is so, in one line. A warning does not fail the check. */
  readonly text: string;
  /** With a problem: what to do. */
  readonly remedy?: string;
}

/** What every check of `cron:check` gets. */
export interface CheckContext {
  readonly orm: MikroORM;
  readonly runner: CronRunner;
  /** The host's jobs; none when they cannot be loaded, which is a finding of its own. */
  readonly jobs: readonly CronJobBase[];
  /** The database's present instant, and this host's at that moment; `null` when the database is out of reach or not to be asked. */
  readonly database: { readonly now: Date; readonly hostNow: Date } | null;
}

/** One thing that `cron:check` looks into. It writes nothing; what it throws counts as a problem. */
export interface Check {
  /** One word for the line's beginning. */
  readonly name: string;
  /** Whether it asks the database, and is left out without one. */
  readonly needsDatabase: boolean;
  /** Another check, made before: when that has a problem, one found here follows from it. */
  readonly follows?: string;
  run(context: CheckContext): Finding[] | Promise<Finding[]>;
}

export function ok(text: string): Finding {
  return { status: 'ok', text };
}

export function problem(text: string, remedy: string): Finding {
  return { status: 'problem', text, remedy };
}

export function warning(text: string, remedy: string): Finding {
  return { status: 'warning', text, remedy };
}

export function skipped(text: string): Finding {
  return { status: 'skipped', text };
}
