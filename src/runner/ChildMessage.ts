import type { CronJobLog } from '../history/CronJobLog.ts';
import type { HostOptions } from '../host/HostOptions.ts';
import type { RunContext } from './Executor.ts';

/** File descriptor of the child at which messages are exchanged. */
export const MESSAGES_FD = 3;

/** File descriptor of the child that ends when its parent does; nothing is ever sent there. */
export const PARENT_FD = 4;

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

/** Whether a value is what the parent says. */
export function isToChild(value: unknown): value is ToChild {
  return hasType(value, ['run', 'abort']);
}

/** Whether a value is what the child says. */
export function isFromChild(value: unknown): value is FromChild {
  return hasType(value, ['write', 'progress', 'returned', 'threw']);
}

function hasType(value: unknown, types: readonly string[]): boolean {
  return typeof value === 'object' && value !== null && 'type' in value && types.includes(value.type as string);
}
