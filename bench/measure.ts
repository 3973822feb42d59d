import { execFileSync } from 'node:child_process';

/** The middle of some figures, with their least and greatest. */
export interface Figures {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function figures(values: readonly number[]): Figures {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)] ?? NaN, min: sorted[0] ?? NaN, max: sorted.at(-1) ?? NaN };
}

/** Milliseconds of a call, over and over. */
export async function time(rounds: number, run: () => unknown): Promise<Figures> {
  const values: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now();
    await run();
    values.push(performance.now() - startedAt);
  }
  return figures(values);
}

/**
 * Milliseconds of whole Node processes. The commands take turns, so that a noisy machine disturbs all of them alike and
 * their ratios stay true.
 */
export function timeProcesses(
  rounds: number,
  commands: Record<string, { args: readonly string[]; env?: NodeJS.ProcessEnv; cwd?: string }>,
): Record<string, Figures> {
  const values = Object.fromEntries(Object.keys(commands).map(name => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, { args, env, cwd }] of Object.entries(commands)) {
      const startedAt = performance.now();
      execFileSync(process.execPath, [...args], {
        cwd,
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      values[name]?.push(performance.now() - startedAt);
    }
  }
  return Object.fromEntries(Object.entries(values).map(([name, list]) => [name, figures(list)]));
}

/** Milliseconds for a table: one decimal below ten. */
export function ms(value: number): number {
  return value < 10 ? Math.round(value * 100) / 100 : Math.round(value);
}
