import type { MikroORM } from '@mikro-orm/core';
import { CronError } from '../errors.ts';
import type { ResolvedSettings } from '../settings/CronSettings.ts';
import { within } from '../util/limits.ts';

/** The runner or what it consists of. */
interface Answering {
  readonly orm: MikroORM;
  readonly settings: Pick<ResolvedSettings, 'connectTimeoutSeconds'>;
}

/**
 * What the database answers, within the setting `connectTimeoutSeconds`: a server can take connections and stay silent, and
 * another session can hold what is asked for.
 *
 * @throws CronError in one line when the time is up, or the signal's reason when that is aborted first.
 */
export async function answerWithin<Value>(
  { orm, settings }: Answering,
  work: Promise<Value>,
  signal?: AbortSignal,
): Promise<Value> {
  const seconds = settings.connectTimeoutSeconds;
  return within({ seconds, signal }, work, () => {
    const database = `Database '${orm.config.get('dbName')}'`;
    const wayOut = 'check that it is running, and that no other session has locked the cron tables';
    return new CronError(`${database}: no answer within ${seconds} s (connectTimeoutSeconds); ${wayOut}`);
  });
}
