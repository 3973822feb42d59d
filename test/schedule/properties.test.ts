import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { historyOf, isDue, nextRun, type PastRun, Schedule } from '../../src/index.ts';
import { everyMinutes, simulate } from '../../src/testing/index.ts';
import { anySchedule, DAY, intervalOnly, MINUTE, start, ticks, timesOnly, zone } from './arbitraries.ts';
import { isStartable, playTimes, slotsOf } from './oracle.ts';

describe('whatever the schedule, the zone and the ticks', () => {
  it('a slot is served at most once', () => {
    fc.assert(
      fc.property(anySchedule, zone, ticks, (options, timeZone, played) => {
        const served = simulate(new Schedule(options), played, { timeZone }).flatMap(({ scheduledFor }, index) =>
          scheduledFor && played[index]?.outcome === 'success' ? scheduledFor.getTime() : [],
        );
        expect(new Set(served).size).toBe(served.length);
        expect(served).toEqual(served.toSorted((a, b) => a - b));
      }),
      { numRuns: 400 },
    );
  });

  it('run-at times are decided as by walking through every minute and remembering every run', () => {
    fc.assert(
      fc.property(timesOnly, zone, ticks, (options, timeZone, played) => {
        const span = played.at(-1)!.at.getTime() - played[0]!.at.getTime();
        fc.pre(span < 20 * DAY);
        const ours = simulate(new Schedule(options), played, { timeZone }).map(({ scheduledFor, ranAtTime }) =>
          scheduledFor ? { instant: scheduledFor.getTime(), time: ranAtTime } : null,
        );
        expect(ours).toEqual(playTimes(options, timeZone, played));
      }),
      { numRuns: 150 },
    );
  });

  it('each slot is served exactly once, within its deadline, under ticks every 5 minutes without failures', () => {
    fc.assert(
      fc.property(timesOnly, zone, start, (options, timeZone, from) => {
        // A tick serves one slot, so times that lie close together need a tick each before their deadline.
        const deadline = options.startingDeadlineMins && {
          startingDeadlineMins: Math.max(options.startingDeadlineMins, 5 * options.runAtTimes.length),
        };
        const all = { ...options, ...deadline, missedRuns: 'each' as const };
        const to = from + 3 * DAY;
        const played = simulate(new Schedule(all), everyMinutes(new Date(from), new Date(to), 5), { timeZone });
        const served = new Map(
          played.flatMap(({ at, scheduledFor }) => (scheduledFor ? [[scheduledFor.getTime(), at.getTime()]] : [])),
        );
        const late = to - 5 * options.runAtTimes.length * MINUTE;
        for (const slot of slotsOf(all, timeZone, from, to).filter(
          ({ instant }) => instant >= from && instant <= late,
        )) {
          const at = served.get(slot.instant);
          expect(at, `slot ${new Date(slot.instant).toISOString()}`).toBeDefined();
          expect(isStartable(slot, at!, all)).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });

  // What is due stays so for a while, mostly an hour or more: steps of 20 minutes from a random one on find what `nextRun`
  // overlooks, and before the next run each minute is looked at.
  it('nextRun agrees with playing isDue forward', () => {
    const run = fc.record({
      ago: fc.integer({ min: 0, max: 3 * 24 * 60 }),
      isSuccess: fc.boolean(),
      slot: fc.option(fc.integer({ min: 0, max: 3 * 24 * 60 })),
    });
    const phase = fc.integer({ min: 0, max: 19 });
    fc.assert(
      fc.property(
        anySchedule,
        zone,
        start,
        fc.array(run, { maxLength: 4 }),
        phase,
        (options, timeZone, from, past, by) => {
          const schedule = new Schedule(options);
          const now = new Date(from);
          const runs: PastRun[] = past.map(({ ago, isSuccess, slot }) => ({
            startTime: new Date(from - ago * MINUTE),
            isSuccess,
            scheduledFor: slot === null ? null : new Date(from - (ago + slot) * MINUTE),
          }));
          const history = historyOf(runs, now);
          const next = nextRun(schedule, history, now, timeZone)?.getTime() ?? Infinity;
          const end = Math.min(next, from + 4 * DAY);
          const isDueAt = (instant: number) => isDue(schedule, history, new Date(instant), timeZone).due;
          for (let at = from + by * MINUTE; at < end; at += at < end - 60 * MINUTE ? 20 * MINUTE : MINUTE) {
            expect(isDueAt(at), `due already at ${new Date(at).toISOString()}`).toBe(false);
          }
          if (next !== Infinity) {
            expect(isDueAt(next), new Date(next).toISOString()).toBe(true);
            expect(next === from || !isDueAt(next - 1)).toBe(true);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('an interval job never starts twice within its interval, less the tolerance', () => {
    fc.assert(
      fc.property(intervalOnly, zone, ticks, (options, timeZone, played) => {
        const starts = simulate(new Schedule(options), played, { timeZone }).filter(({ due }) => due);
        const least = options.runEveryMins * MINUTE - (options.runToleranceSeconds ?? 0) * 1_000;
        const outcome = new Map(played.map(tick => [tick.at.getTime(), tick.outcome]));
        for (const [index, { at }] of starts.entries()) {
          const before = starts.slice(0, index).findLast(s => outcome.get(s.at.getTime()) === 'success');
          expect(before === undefined || at.getTime() - before.at.getTime() >= least).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('a history that says the same decides the same: only the summary counts', () => {
    fc.assert(
      fc.property(anySchedule, zone, ticks, (options, timeZone, played) => {
        const schedule = new Schedule(options);
        const runs: PastRun[] = [];
        const simulated = simulate(schedule, played, { timeZone });
        for (const [index, { at, outcome }] of played.entries()) {
          const { due, scheduledFor } = isDue(schedule, historyOf(runs, at), at, timeZone);
          expect({ due, scheduledFor }).toEqual({
            due: simulated[index]?.due,
            scheduledFor: simulated[index]?.scheduledFor,
          });
          if (due) {
            runs.push({ startTime: at, isSuccess: outcome === 'success', scheduledFor });
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it("shifting the process's own zone changes nothing", async () => {
    const program = fileURLToPath(new URL('./inZone.ts', import.meta.url));
    const samples = fc.sample(fc.tuple(anySchedule, zone, ticks), { seed: 4711, numRuns: 40 });
    const played = await Promise.all(
      ['UTC', 'America/New_York', 'Pacific/Kiritimati', 'Australia/Lord_Howe'].map(async TZ => {
        const inZone = promisify(execFile)(process.execPath, [program], { env: { ...process.env, TZ } });
        inZone.child.stdin?.end(JSON.stringify(samples));
        const { stdout } = await inZone;
        return stdout.split('\n');
      }),
    );
    expect(new Set(played.map(([shownZone]) => shownZone)).size).toBe(4);
    expect(new Set(played.map(([, digest]) => digest)).size).toBe(1);
  });
});
