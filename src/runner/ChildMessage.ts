import type { CronJobLog } from '../history/CronJobLog.ts';
import type { HostOptions } from '../host/HostOptions.ts';
import type { RunContext } from './Executor.ts';

/** A row without its methods, as it crosses to another process. */
export type PlainLog = Omit<CronJobLog, 'isSuccess' | 'duration'>;

/** What the parent of an isolated run says. */
export type ToChild =
  | {
      readonly type: 'run';
      readonly host: HostOptions;
      readonly code: string;
      readonly context: Pick<RunContext, 'isForced' | 'scheduledFor' | 'now' | 'fence'> & {
        readonly log: PlainLog;
        readonly previousSuccess: PlainLog | null;
      };
    }
  | { readonly type: 'abort'; readonly name: string; readonly message: string };

/** What the child of an isolated run says. */
export type FromChild =
  | { readonly type: 'write'; readonly line: string }
  | { readonly type: 'progress'; readonly done: number; readonly total: number | undefined }
  | { readonly type: 'returned'; readonly returned: string }
  | { readonly type: 'threw'; readonly name: string; readonly message: string; readonly description: string };
