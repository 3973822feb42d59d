import { CronJobError } from '../errors.ts';
import { showValue } from '../util/rules.ts';
import type { CronJobBase } from './CronJobBase.ts';
import { few, suggestion } from './selectJobs.ts';

/**
 * Checks that the jobs which others run after are there, and that none runs after itself, however long the way.
 *
 * @throws CronJobError naming the unknown code, or the jobs of the circle.
 */
export function checkRunsAfter(jobs: readonly CronJobBase[]): void {
  const after = new Map(jobs.map(({ code, schedule }) => [code, schedule.runsAfter ?? []]));
  for (const [code, others] of after) {
    const unknown = others.find(other => !after.has(other));
    if (unknown !== undefined) {
      const known = [...after.keys()];
      throw new CronJobError(
        `Job ${code}: runsAfter ${showValue(unknown)} is not the code of a job${suggestion([unknown], known)}; known jobs: ${few(known)}`,
        { jobCode: code },
      );
    }
  }
  const done = new Set<string>();
  for (const code of after.keys()) {
    refuseCircle(code, [], after, done);
  }
}

/** Follows a job to those that it runs after, each once. */
function refuseCircle(
  code: string,
  path: readonly string[],
  after: ReadonlyMap<string, readonly string[]>,
  done: Set<string>,
): void {
  if (path.includes(code)) {
    const circle = [...path.slice(path.indexOf(code)), code];
    throw new CronJobError(
      `Jobs ${circle.join(' → ')} run after each other in a circle; take one of them out of runsAfter`,
      { jobCode: code },
    );
  }
  if (!done.has(code)) {
    for (const other of after.get(code) ?? []) {
      refuseCircle(other, [...path, code], after, done);
    }
    done.add(code);
  }
}
