import { CronError } from '../errors.ts';
import { messageOf } from '../util/thrown.ts';
import { unlessAborted } from '../util/waiting.ts';

/** Awaits the beginning of a tick. @throws CronError when it is stopped meanwhile. */
export async function unlessStopped<Value>(work: Promise<Value>, stop: AbortSignal): Promise<Value> {
  try {
    return await unlessAborted(work, stop);
  } catch (error) {
    const text = `the tick was stopped before it started: ${messageOf(stop.reason)}`;
    throw stop.aborted ? new CronError(text, { cause: error }) : error;
  }
}
