/** What one notifier has been told about one job, and what must be remembered for it. Instants in epoch milliseconds. */
export interface ToldJob {
  /** The streak it was told of: when, the start of its first failure, and of the newest that the last check knew. */
  readonly failing?: { readonly at: number; readonly first: number; readonly last: number };
  /** That the job is overdue: when, and the success (or the beginning) since which it is. */
  readonly overdue?: { readonly at: number; readonly base: number };
  /** When a check first saw the job without any success. */
  readonly waiting?: number;
}

/** What one notifier has been told: the state as of a check whose notices were all delivered. */
export interface Told {
  /** The instant of that check. */
  readonly at: number;
  /** By code; jobs with nothing to remember are not there. */
  readonly jobs: Readonly<Record<string, ToldJob>>;
}
