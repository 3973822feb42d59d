import type { Streak } from '../history/readStreaks.ts';
import type { DetailedNotice } from '../notify/Notifier.ts';

/** One thing to say about one job, as decided from the log. */
export interface Notice extends Pick<
  DetailedNotice,
  'code' | 'kind' | 'isReminder' | 'since' | 'lastSuccess' | 'expectedAt'
> {
  /** The failed runs; `null` for kinds without. */
  readonly streak: Streak | null;
}
