import type { CronJobLog } from '../history/CronJobLog.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import type { JobReport, OperatorAction, TickListener, TickReport } from './TickEvent.ts';

/** The failure passed to `onJobFailure`. */
export interface JobFailure {
  readonly job: CronJobBase;
  /** `abandoned` is a run whose process died, found by the next one; `broken` one that could not be made or written. */
  readonly outcome: 'failed' | 'timed_out' | 'broken' | 'abandoned';
  /** The run's row; `null` when the run could not be begun. */
  readonly log: CronJobLog | null;
  /** What happened, in words. */
  readonly reason: string;
  /** What was thrown; absent for an abandoned run. */
  readonly error?: unknown;
}

/** Functions of the host that are called for runs. They may be async; what they throw is only reported as a warning. */
export interface CronHooks {
  /** A run starts. @default none */
  onJobStart?: (run: { readonly job: CronJobBase; readonly log: CronJobLog }) => unknown;
  /** A run ended well. @default none */
  onJobSuccess?: (report: JobReport) => unknown;
  /** A run failed, timed out, was abandoned by a process that died, or could not be made. @default none */
  onJobFailure?: (failure: JobFailure) => unknown;
  /** Somebody has paused, resumed, skipped, requested or cancelled a job, in this process. @default none */
  onOperatorAction?: (action: OperatorAction) => unknown;
  /** A tick has ended. @default none */
  onTickEnd?: (report: TickReport) => unknown;
}

/** The hooks of the settings as a listener. */
export function hookListener(hooks: { readonly [Key in keyof CronHooks]: CronHooks[Key] | undefined }): TickListener {
  return event => {
    switch (event.type) {
      case 'jobStarted':
        return hooks.onJobStart?.({ job: event.job, log: event.log });
      case 'abandoned':
        return Promise.all(
          event.logs.map(async log =>
            hooks.onJobFailure?.({ job: event.job, outcome: 'abandoned', log, reason: log.message }),
          ),
        );
      case 'jobDone':
        return jobDone(event.report, hooks);
      case 'tickEnded':
        return hooks.onTickEnd?.(event.report);
      default:
        return undefined;
    }
  };
}

function jobDone(report: JobReport, hooks: Parameters<typeof hookListener>[0]): unknown {
  const { job, outcome, log, reason, error } = report;
  switch (outcome) {
    case 'succeeded':
      return hooks.onJobSuccess?.(report);
    case 'failed':
    case 'timed_out':
    case 'broken':
      return hooks.onJobFailure?.({ job, outcome, log, reason, error });
    default:
      return undefined;
  }
}
