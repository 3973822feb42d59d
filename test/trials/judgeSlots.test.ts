import { describe, expect, it } from 'vitest';
import { type Disturbance, type Evidence, judgeSlots, type LogRow } from '../../trials/witness/judgeSlots.ts';
import type { Witnessed, WitnessRecord } from '../../trials/witness/records.ts';

const LEASE = 3_000;

const SLOTS = [60_000, 120_000, 180_000];

describe('the judge of the trials', () => {
  it('finds nothing where every slot was served once by a run that ended well', () => {
    const runs = SLOTS.map((slot, index) => run(index + 1, { slot, begin: index * 100, end: index * 100 + 50 }));
    expect(judge({ runs, rows: SLOTS.map((slot, index) => row(index + 1, 'succeeded', slot)) })).toEqual({
      ...NOTHING,
      runs: 3,
      served: 3,
    });
  });

  it('finds a slot with two success rows', () => {
    const rows = [row(1, 'succeeded', 60_000), row(2, 'succeeded', 60_000)];
    const runs = [run(1, { begin: 0, end: 50 }), run(2, { begin: 60, end: 90 })];
    expect(judge({ runs, rows, slots: [60_000] })).toMatchObject({ doubles: 1, repeats: 1, overlaps: 0 });
  });

  it('tells a slot that was passed over from one that still waits', () => {
    const found = judge({ runs: [run(1, { slot: 120_000 })], rows: [row(1, 'succeeded', 120_000)] });
    expect(found).toMatchObject({ served: 1, lost: 1, unserved: 1 });
  });

  it('finds a success whose run never ended, and one whose run was cut short', () => {
    const runs = [run(1, { begin: 0, end: null }), run(2, { slot: 120_000, begin: 0, end: 50, ok: false })];
    const rows = [row(1, 'succeeded', 60_000), row(2, 'succeeded', 120_000)];
    expect(judge({ runs, rows })).toMatchObject({ untrue: 2 });
  });

  it('finds rows that stand as running', () => {
    expect(judge({ rows: [row(1, 'running', 60_000)] })).toMatchObject({ running: 1 });
  });

  it('finds a run that ended well and was not recorded so, unless something was done to its process', () => {
    const evidence = { runs: [run(1, { begin: 0, end: 50 })], rows: [row(1, 'abandoned', 60_000)] };
    expect(judge(evidence)).toMatchObject({ dropped: 1 });
    expect(judge({ ...evidence, disturbances: [did('killed', 'a', 60)] })).toMatchObject({ dropped: 0 });
    expect(judge({ ...evidence, disturbances: [did('killed', 'b', 60)] })).toMatchObject({ dropped: 1 });
    expect(judge({ ...evidence, disturbances: [did('killed', 'a', 60 + 2 * LEASE)] })).toMatchObject({ dropped: 1 });
  });

  describe('of two runs of one job at once', () => {
    const two = (begin: number) => [run(1, { begin: 0, end: 9_000 }), run(2, { process: 'b', begin, end: 9_500 })];

    it('finds them', () => {
      expect(judge({ runs: two(4_000) })).toMatchObject({ overlaps: 1, excused: 0 });
    });

    it('does not take different jobs for one', () => {
      const runs = [run(1, { begin: 0, end: 9_000 }), run(2, { code: 'other', begin: 10, end: 20 })];
      expect(judge({ runs })).toMatchObject({ overlaps: 0 });
    });

    it('takes a run for ended when its process is', () => {
      const runs = [run(1, { begin: 0, end: null }), run(2, { process: 'b', begin: 4_000, end: 4_100 })];
      expect(judge({ runs })).toMatchObject({ overlaps: 1 });
      expect(judge({ runs, disturbances: [did('killed', 'a', 3_999)] })).toMatchObject({ overlaps: 0 });
      expect(judge({ runs, disturbances: [did('killed', 'a', 4_001)] })).toMatchObject({ overlaps: 1 });
    });

    it('excuses those that a pause longer than half a lease explains', () => {
      const excused = { overlaps: 0, excused: 1 };
      const paused = (from: number, to: number, name = 'a') => [did('paused', name, from, to)];
      expect(judge({ runs: two(4_000), disturbances: paused(500, 5_000) })).toMatchObject(excused);
      expect(judge({ runs: two(4_000), disturbances: paused(3_000, 8_000) })).toMatchObject({ overlaps: 1 });
      expect(judge({ runs: two(4_000), disturbances: paused(500, 5_000, 'b') })).toMatchObject({ overlaps: 1 });
      expect(judge({ runs: two(4_000), disturbances: paused(5_000, 9_000) })).toMatchObject({ overlaps: 1 });
    });

    it('excuses nothing under locks without a lease', () => {
      const disturbances = [did('paused', 'a', 500, 5_000)];
      expect(judge({ runs: two(4_000), disturbances, leaseMillis: null })).toMatchObject({ overlaps: 1 });
    });

    it('excuses those that a flush of the lock server explains', () => {
      expect(judge({ runs: two(4_000), disturbances: [did('flushed', '*', 3_000)] })).toMatchObject({ excused: 1 });
      expect(judge({ runs: two(4_000), disturbances: [did('flushed', '*', 4_500)] })).toMatchObject({ overlaps: 1 });
    });

    it('excuses those that two cut-off requests explain, but not one', () => {
      const cuts = [did('cut', 'a', 1_000), did('cut', 'a', 2_000)];
      expect(judge({ runs: two(4_000), disturbances: cuts })).toMatchObject({ excused: 1 });
      expect(judge({ runs: two(4_000), disturbances: cuts.slice(1) })).toMatchObject({ overlaps: 1 });
    });
  });
});

const NOTHING = {
  ...{ runs: 0, served: 0, overlaps: 0, excused: 0, doubles: 0, lost: 0, unserved: 0 },
  ...{ untrue: 0, running: 0, repeats: 0, dropped: 0 },
};

function judge({
  runs = [],
  slots = SLOTS,
  ...evidence
}: Partial<Omit<Evidence, 'slots' | 'witness'>> & { runs?: Witnessed[][]; slots?: number[] }) {
  return judgeSlots({
    rows: [],
    disturbances: [],
    leaseMillis: LEASE,
    ...evidence,
    witness: runs.flat(),
    slots: { job: slots },
  });
}

interface RunSketch {
  code?: string;
  slot?: number;
  process?: string;
  begin?: number;
  /** `null` when the process never wrote an end. */
  end?: number | null;
  ok?: boolean;
}

function run(id: number, sketch: RunSketch = {}): Witnessed[] {
  const { code = 'job', slot = 60_000, process = 'a', begin = 0, end = 50, ok = true } = sketch;
  const write = (at: number, record: WitnessRecord): Witnessed => ({ process, pid: 1, at, wall: at, ...record });
  return [
    write(begin, { event: 'begin', run: id, code, slot }),
    ...(end === null ? [] : [write(end, { event: 'end', run: id, code, slot, ok })]),
  ];
}

function row(id: number, status: string, slot: number): LogRow {
  return { id, code: 'job', status, slot };
}

function did(kind: Disturbance['kind'], process: string, from: number, to = from): Disturbance {
  return { process, kind, from, to };
}
