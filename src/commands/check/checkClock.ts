import { humanDuration } from '../../util/durations.ts';
import { type CheckContext, type Finding, ok, problem } from './Check.ts';

/** Seconds by which this host and the database may differ: what a host with NTP stays far below. */
const ALLOWED_SECONDS = 10;

/** Whether this host's clock and the database's agree. Schedules go by the database's; people and other logs by the host's. */
export function checkClock({ database, runner }: CheckContext): Finding[] {
  const skew = database!.hostNow.getTime() - database!.now.getTime();
  const words = `this host's clock is ${humanDuration(skew)} ${skew > 0 ? 'ahead of' : 'behind'} the database's`;
  const finding =
    Math.abs(skew) <= ALLOWED_SECONDS * 1_000
      ? ok(`this host's clock and the database's differ by ${Math.abs(skew)} ms`)
      : problem(words, 'synchronize both machines with NTP; schedules use the database clock');
  return runner.settings.clock ? [finding, ok("schedules use the setting 'clock'")] : [finding];
}
