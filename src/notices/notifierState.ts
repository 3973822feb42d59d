import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { EntityManager } from '@mikro-orm/sql';
import { dialectOf } from '../database/dialectOf.ts';
import { tableName } from '../database/ourTables.ts';
import { CronJobLog } from '../history/CronJobLog.ts';

/** What each notifier has sent and what it remembers, by the notifier's name. */
export type NotifierStates = Readonly<Record<string, NotifierState>>;

/** How the line begins. Stored in the log: rows that exist have this word. */
export const STATE_MARK = 'ledger: ';

/** Beyond this many bytes the line is packed, so that the log, which cuts long messages in the middle, keeps it whole. */
const MOST_READABLE = 8_000;

/** A job's entry as the line has it: `[at, first, last]`, `[at, base]`, and when it was first seen without a success. */
interface PackedJob {
  failing?: [number, number, number];
  overdue?: [number, number];
  waiting?: number;
}

/** The line by which the notification job remembers, in the message of its own log row. */
export function stateLine(states: NotifierStates): string {
  const packed = mapValues(states, ({ at, jobs }) => ({ at, jobs: mapValues(jobs, pack) }));
  const text = JSON.stringify(packed);
  const isLong = Buffer.byteLength(text) > MOST_READABLE;
  return `${STATE_MARK}${isLong ? deflateRawSync(text).toString('base64') : text}`;
}

/** What the message of a row of the notification job remembers; nothing when it has no such line or cannot be read. */
export function readStateLine(message: string): NotifierStates {
  const line = message.split('\n').findLast(text => text.startsWith(STATE_MARK));
  if (line === undefined) {
    return {};
  }
  try {
    const text = line.slice(STATE_MARK.length);
    const json = text.startsWith('{') ? text : inflateRawSync(Buffer.from(text, 'base64')).toString();
    const packed: Record<string, { at: number; jobs: Record<string, PackedJob> }> = JSON.parse(json);
    return mapValues(packed, ({ at, jobs }) => ({ at, jobs: mapValues(jobs, unpack) }));
  } catch {
    // Cut or edited: then notices that still hold are sent once more.
    return {};
  }
}

function pack({ failing, overdue, waiting }: NotifiedJob): PackedJob {
  return {
    ...(failing && { failing: [failing.at, failing.first, failing.last] }),
    ...(overdue && { overdue: [overdue.at, overdue.base] }),
    ...(waiting !== undefined && { waiting }),
  };
}

function unpack({ failing, overdue, waiting }: PackedJob): NotifiedJob {
  return {
    ...(failing && { failing: { at: failing[0], first: failing[1], last: failing[2] } }),
    ...(overdue && { overdue: { at: overdue[0], base: overdue[1] } }),
    ...(waiting !== undefined && { waiting }),
  };
}

/** A code may be `__proto__`, so the result has no prototype that it could set. */
function mapValues<From, To>(record: Readonly<Record<string, From>>, map: (value: From) => To): Record<string, To> {
  const mapped: Record<string, To> = Object.create(null);
  for (const [key, value] of Object.entries(record)) {
    mapped[key] = map(value);
  }
  return mapped;
}

/** The notices that one notifier has sent about one job, and what must be remembered for it. Instants in epoch milliseconds. */
export interface NotifiedJob {
  /** A streak that was reported: when, the start of its first failure, and of the newest that the last check found. */
  readonly failing?: { readonly at: number; readonly first: number; readonly last: number };
  /** That the job is overdue: when, and the success (or the beginning) since which it is. */
  readonly overdue?: { readonly at: number; readonly base: number };
  /** When a check first saw the job without any success. */
  readonly waiting?: number;
}

/** The state of one notifier as of a check whose notices were all delivered. */
export interface NotifierState {
  /** The instant of that check. */
  readonly at: number;
  /** By code; jobs with nothing to remember are not there. */
  readonly jobs: Readonly<Record<string, NotifiedJob>>;
}

/**
 * The state in the newest run of the notification job that wrote one, whether it succeeded or not; empty when there is
 * none. A run that was killed wrote none and is skipped.
 */
export async function readNotifierStates(em: EntityManager, code: string, now: Date): Promise<NotifierStates> {
  const [row] = await em.execute<{ message: string }[]>(
    `select l.message from ${tableName(em, CronJobLog)} l where l.code = ? and l.status <> 'running'` +
      ` and l.start_time <= ${dialectOf(em).instant(String(now.getTime()))} and l.message like ?` +
      ' order by l.start_time desc, l.id desc limit 1',
    [code, `%${STATE_MARK}%`],
  );
  return row ? readStateLine(row.message) : {};
}
