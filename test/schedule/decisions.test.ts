import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Schedule } from '../../src/schedule/Schedule.ts';
import type { ScheduleOptions } from '../../src/schedule/ScheduleOptions.ts';
import { simulate, type Tick } from '../../src/testing/index.ts';

interface Case {
  id: number;
  timeZone: string;
  schedule: ScheduleOptions;
  ticks: [at: string, outcome: 's' | 'f', seconds: number][];
  expected: Record<'once' | 'each', (0 | string)[]>;
}

const { cases } = JSON.parse(readFileSync(new URL('../fixtures/decisions.json', import.meta.url), 'utf8')) as {
  cases: Case[];
};

/** A tick's answer as the reference writes it: 0, or S or F with the slot served. */
function play({ timeZone, schedule, ticks }: Case, missedRuns: 'once' | 'each'): (0 | string)[] {
  const played: Tick[] = ticks.map(([at, outcome, durationSeconds]) => ({
    at: new Date(at),
    outcome: outcome === 's' ? 'success' : 'failure',
    durationSeconds,
  }));
  return simulate(new Schedule({ ...schedule, missedRuns }), played, { timeZone }).map(({ due, ranAtTime }, index) =>
    due ? `${ticks[index]?.[1].toUpperCase()}${ranAtTime ?? ''}` : 0,
  );
}

describe.each(['once', 'each'] as const)('with missedRuns %s a schedule decides as the reference does', missedRuns => {
  it.each(cases.map(item => [item.id, item] as const))('case %i', (_, item) => {
    expect(play(item, missedRuns)).toEqual(item.expected[missedRuns]);
  });
});
