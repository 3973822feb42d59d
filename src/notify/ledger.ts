import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Told, ToldJob } from './Told.ts';

/** What every notifier has been told, by name. */
export type Ledger = Readonly<Record<string, Told>>;

/** How the line begins. */
export const LEDGER_MARK = 'ledger: ';

/** Beyond this many bytes the line is packed, so that the log, which cuts long messages in the middle, keeps it whole. */
const MOST_READABLE = 8_000;

/** A job's entry as the line has it: `[at, first, last]`, `[at, base]`, and when it was first seen without a success. */
interface PackedJob {
  failing?: [number, number, number];
  overdue?: [number, number];
  waiting?: number;
}

/** The line by which the notification job remembers, in the message of its own log row. */
export function ledgerLine(ledger: Ledger): string {
  const packed = mapValues(ledger, ({ at, jobs }) => ({ at, jobs: mapValues(jobs, pack) }));
  const text = JSON.stringify(packed);
  const isLong = Buffer.byteLength(text) > MOST_READABLE;
  return `${LEDGER_MARK}${isLong ? deflateRawSync(text).toString('base64') : text}`;
}

/** What the message of a row of the notification job remembers; nothing when it has no such line or cannot be read. */
export function readLedgerLine(message: string): Ledger {
  const line = message.split('\n').findLast(text => text.startsWith(LEDGER_MARK));
  if (line === undefined) {
    return {};
  }
  try {
    const text = line.slice(LEDGER_MARK.length);
    const json = text.startsWith('{') ? text : inflateRawSync(Buffer.from(text, 'base64')).toString();
    const packed: Record<string, { at: number; jobs: Record<string, PackedJob> }> = JSON.parse(json);
    return mapValues(packed, ({ at, jobs }) => ({ at, jobs: mapValues(jobs, unpack) }));
  } catch {
    // Cut or meddled with: then what still holds is told once more.
    return {};
  }
}

function pack({ failing, overdue, waiting }: ToldJob): PackedJob {
  return {
    ...(failing && { failing: [failing.at, failing.first, failing.last] }),
    ...(overdue && { overdue: [overdue.at, overdue.base] }),
    ...(waiting !== undefined && { waiting }),
  };
}

function unpack({ failing, overdue, waiting }: PackedJob): ToldJob {
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
