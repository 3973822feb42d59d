/** Whether a job is due, for what, and why. */
export interface Decision {
  /** Whether a run may start now. */
  readonly due: boolean;
  /** The slot that a run now would serve; `null` when it is due by interval, or not due. */
  readonly scheduledFor: Date | null;
  /** 'HH:MM' as the schedule names it when the slot is one of its `runAtTimes`, else `null`. */
  readonly ranAtTime: string | null;
  /** The decision in words, made when read: `next slot 06:30 Europe/Prague in 2 h`, `retry not before 10:05`. */
  readonly reason: string;
}
