import type { HostOptions } from '../host/HostOptions.ts';
import type { TickListener } from '../events/TickEvent.ts';

/** What one tick shall do. */
export interface RunOptions {
  /** Class names, codes or patterns such as `billing.*` of the jobs to look at. @default all */
  readonly jobs?: readonly string[];
  /** Only jobs with one of these tags. @default any */
  readonly tags?: readonly string[];
  /** Run them whether due or not; a held lock still keeps a job from running. @default false */
  readonly force?: boolean;
  /** Decide, report, and write nothing at all. @default false */
  readonly dryRun?: boolean;
  /** How many jobs run at once. @default the setting `concurrency` */
  readonly concurrency?: number;
  /** Hears of everything as it happens. */
  readonly onEvent?: TickListener;
  /** Once aborted, no further job starts. */
  readonly stop?: AbortSignal;
  /** Once aborted, the signals of running jobs are aborted with its reason. */
  readonly shutdown?: AbortSignal;
  /** Where the process of a job with `isolation: 'process'` finds this host's config. @default MikroORM's own search */
  readonly host?: HostOptions;
}
