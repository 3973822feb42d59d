import type { Witnessed } from './records.ts';

/** A row of `cron_job_log`, read by plain SQL. */
export interface LogRow {
  readonly id: number;
  readonly code: string;
  readonly status: string;
  /** Milliseconds since 1970. */
  readonly slot: number | null;
}

/** Something that a trial did to a process, or to all of them (`*`). */
export interface Disturbance {
  readonly process: string;
  /** `starved`: the machine gave the trial itself no processor. */
  readonly kind: 'killed' | 'paused' | 'exited' | 'flushed' | 'cut' | 'starved';
  /** Milliseconds of the monotonic clock. */
  readonly from: number;
  /** When it was over; the same for what has no duration. */
  readonly to: number;
}

/** What the judge goes by. */
export interface Evidence {
  readonly witness: readonly Witnessed[];
  readonly rows: readonly LogRow[];
  readonly disturbances: readonly Disturbance[];
  /** The slots that each job has, in order. */
  readonly slots: Readonly<Record<string, readonly number[]>>;
  /** Milliseconds after which a holder that does not renew has lost its lock; `null` for locks without a lease. */
  readonly leaseMillis: number | null;
}

/** What the judge found. All but `runs`, `repeats` and `excused` must be 0. */
export interface SlotCounts {
  /** Runs that began. */
  readonly runs: number;
  /** Slots with a success row. */
  readonly served: number;
  /** Pairs of runs of one job that went on at once, while the first one's lock cannot have run out. */
  readonly overlaps: number;
  /** Pairs at once after a pause, a cut or a flush that took the first one's lock. */
  readonly excused: number;
  /** Slots with more than one success row. */
  readonly doubles: number;
  /** Slots without a success row that no tick can run any more, since a newer one of the job was served. */
  readonly lost: number;
  /** Slots that were still waiting when the trial ended. */
  readonly unserved: number;
  /** Success rows whose run did not write down that it ended well. */
  readonly untrue: number;
  /** Rows that stand as running. */
  readonly running: number;
  /** Slots whose work was done more than once. */
  readonly repeats: number;
  /** Runs that ended well, undisturbed, and have no success row. */
  readonly dropped: number;
}

interface Run {
  readonly key: string;
  readonly process: string;
  readonly id: number;
  readonly code: string;
  readonly slot: number | null;
  readonly begin: number;
  end: number;
  ok: boolean;
}

/** Holds what the processes wrote down against the rows. Knows nothing of how the package does its work. */
export function judgeSlots(evidence: Evidence): SlotCounts {
  const { rows, slots } = evidence;
  const runs = runsOf(evidence);
  const succeeded = rows.filter(row => row.status === 'succeeded');
  const well = new Set(runs.filter(run => run.ok).map(run => run.id));
  const successIds = new Set(succeeded.map(row => row.id));
  const successes = countBySlot(succeeded);
  const works = countBySlot(runs.filter(run => run.ok));
  const expected = Object.entries(slots).flatMap(([code, times]) => times.map(slot => ({ code, slot })));
  const missing = expected.filter(slot => !successes.has(keyOf(slot)));
  const newest = new Map(Object.keys(slots).map(code => [code, newestServed(succeeded, code)]));
  const lost = missing.filter(({ code, slot }) => slot < (newest.get(code) ?? -Infinity)).length;
  const pairs = overlapsOf(runs);
  const excused = pairs.filter(([first, second]) => isExcused(first, second, evidence)).length;
  return {
    runs: runs.length,
    served: expected.length - missing.length,
    overlaps: pairs.length - excused,
    excused,
    doubles: [...successes.values()].filter(count => count > 1).length,
    lost,
    unserved: missing.length - lost,
    untrue: succeeded.filter(row => !well.has(row.id)).length,
    running: rows.filter(row => row.status === 'running').length,
    repeats: [...works.values()].filter(count => count > 1).length,
    dropped: runs.filter(run => run.ok && !successIds.has(run.id) && !isDisturbed(run, evidence)).length,
  };
}

/** The runs that began. One without an end went on until its process ended, as far as anybody knows. */
function runsOf({ witness, disturbances }: Evidence): Run[] {
  const deaths = new Map<string, number>();
  for (const { process, kind, from } of disturbances) {
    if (kind === 'killed' || kind === 'exited') {
      deaths.set(process, Math.min(from, deaths.get(process) ?? Infinity));
    }
  }
  const runs = new Map<string, Run>();
  for (const record of witness) {
    if (record.event === 'begin') {
      const { process, run: id, code, slot, at } = record;
      const key = `${process}/${id}`;
      runs.set(key, { key, process, id, code, slot, begin: at, end: deaths.get(process) ?? Infinity, ok: false });
    } else if (record.event === 'end') {
      const run = runs.get(`${record.process}/${record.run}`);
      if (run) {
        run.end = record.at;
        run.ok = record.ok;
      }
    }
  }
  return [...runs.values()];
}

/** Pairs of runs of one job of which the second began before the first had ended. */
function overlapsOf(runs: readonly Run[]): [Run, Run][] {
  const pairs: [Run, Run][] = [];
  for (const ofJob of Map.groupBy(runs, run => run.code).values()) {
    let open: Run[] = [];
    for (const run of ofJob.toSorted((a, b) => a.begin - b.begin)) {
      open = open.filter(earlier => earlier.end > run.begin);
      pairs.push(...open.map((earlier): [Run, Run] => [earlier, run]));
      open.push(run);
    }
  }
  return pairs;
}

/**
 * Whether the first run may have lost its lock before the second began. A holder renews at a third of its lease, so
 * when it was kept from doing so for less than half a lease its lock cannot have run out.
 */
function isExcused(first: Run, second: Run, { disturbances, leaseMillis }: Evidence): boolean {
  if (leaseMillis === null) {
    return false;
  }
  const from = first.begin - leaseMillis;
  let kept = 0;
  for (const disturbance of disturbances) {
    const isOurs = disturbance.process === first.process || disturbance.process === '*';
    if (!isOurs || disturbance.to < from || disturbance.from > second.begin) {
      continue;
    }
    if (disturbance.kind === 'flushed') {
      return true;
    }
    if (disturbance.kind === 'paused' || disturbance.kind === 'starved') {
      kept += Math.min(disturbance.to, second.begin) - Math.max(disturbance.from, from);
    }
    if (disturbance.kind === 'cut') {
      // What was cut off is tried again with the next heartbeat at the latest.
      kept += leaseMillis / 3 + Math.min(disturbance.to, second.begin) - Math.max(disturbance.from, from);
    }
  }
  return kept >= leaseMillis / 2;
}

/** Whether something was done to a run's process, or its event loop stood still, which may have cost its outcome. */
function isDisturbed(run: Run, { disturbances, witness, leaseMillis }: Evidence): boolean {
  const reach = leaseMillis ?? 5_000;
  const isNear = (process: string, from: number, to: number) =>
    (process === run.process || process === '*') && from <= run.end + reach && to >= run.begin - reach;
  return (
    disturbances.some(({ process, from, to }) => isNear(process, from, to)) ||
    witness.some(record => record.event === 'stall' && isNear(record.process, record.from, record.at))
  );
}

function countBySlot(items: readonly { readonly code: string; readonly slot: number | null }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) {
    if (item.slot !== null) {
      counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
    }
  }
  return counts;
}

function keyOf({ code, slot }: { readonly code: string; readonly slot: number | null }): string {
  return `${code} ${slot}`;
}

function newestServed(succeeded: readonly LogRow[], code: string): number {
  return succeeded.reduce(
    (newest, row) => (row.code === code ? Math.max(newest, row.slot ?? newest) : newest),
    -Infinity,
  );
}
