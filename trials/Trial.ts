import type { Random } from './Random.ts';
import type { Backend } from './servers/Ground.ts';

/** What a trial is asked for. */
export interface TrialOptions {
  readonly seed: number;
  readonly random: Random;
  readonly backend: Backend;
  /** How much: slots, kills, flushes or runs, as the trial says. */
  readonly amount: number;
  /** Seconds after which the trial ends in any case. */
  readonly seconds: number;
  /** Directory for the trial's files. */
  readonly directory: string;
  /** Aborted when the trial must end at once. */
  readonly stop: AbortSignal;
}

/** What a trial found. */
export interface TrialResult {
  /** Numbers for people, in order. */
  readonly counts: Readonly<Record<string, number>>;
  /** What was promised and did not hold, in words. */
  readonly broken: readonly string[];
}

/** A trial by its name. */
export interface Trial {
  readonly name: string;
  /** Backends that it can run on; the first is the default. */
  readonly backends: readonly [Backend, ...Backend[]];
  /** What `--amount` counts, and how much a full run has. */
  readonly unit: string;
  readonly amount: (backend: Backend) => number;
  /** How much a quick run has, on which backends. */
  readonly quick: Partial<Record<Backend, number>>;
  run(options: TrialOptions): Promise<TrialResult>;
}

/** Which of these counts, all of which must be 0, are not. */
export function brokenCounts<Counts extends Readonly<Record<string, number>>>(
  counts: Counts,
  names: readonly (keyof Counts & string)[],
): string[] {
  return names.filter(name => counts[name] !== 0).map(name => `${name} ${counts[name]}`);
}
