import type { JobOutcome, JobReport, TickEvent } from '../../events/TickEvent.ts';
import { namedMessageOf } from '../../util/thrown.ts';
import { holderToJson, logToJson } from '../json.ts';

/**
 * An event of a tick as `--json` prints it: an object with its `type` and what belongs to that. A job is its code, a run
 * is the id of its log row, and instants are ISO 8601 in UTC.
 */
export function eventToJson(event: TickEvent): Record<string, unknown> {
  const { type } = event;
  switch (type) {
    case 'tickStarted':
      return { type, now: event.now.toISOString(), jobs: event.jobs.map(({ code }) => code) };
    case 'jobDue': {
      const { reason, scheduledFor, ranAtTime } = event.decision;
      return { type, job: event.job.code, reason, scheduledFor: scheduledFor?.toISOString() ?? null, ranAtTime };
    }
    case 'abandoned':
      return { type, job: event.job.code, runs: event.logs.map(logToJson) };
    case 'jobStarted':
      return { type, job: event.job.code, run: event.log.id, reason: event.reason };
    case 'progress':
      return { type, job: event.job.code, run: event.log.id, done: event.done, total: event.total ?? null };
    case 'lockLost':
      return { type, job: event.job.code, run: event.log.id, error: textOf(event.error) };
    case 'jobDone':
      return { type, ...reportToJson(event.report) };
    case 'pruned':
      return { type, rows: event.rows };
    case 'warning':
      return { type, job: event.job?.code ?? null, message: event.message };
    case 'tickEnded': {
      const { now, durationMillis, jobs } = event.report;
      return { type, now: now.toISOString(), durationMillis: Math.round(durationMillis), outcomes: count(jobs) };
    }
  }
}

function reportToJson({ job, outcome, reason, log, durationMillis, holder, ...rest }: JobReport): object {
  return {
    job: job.code,
    outcome,
    reason,
    run: log?.id ?? null,
    durationMillis: durationMillis === null ? null : Math.round(durationMillis),
    message: log?.message ?? null,
    error: 'error' in rest ? textOf(rest.error) : null,
    holder: holder && holderToJson(holder),
  };
}

function count(jobs: readonly JobReport[]): Partial<Record<JobOutcome, number>> {
  const outcomes: Partial<Record<JobOutcome, number>> = {};
  for (const { outcome } of jobs) {
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  return outcomes;
}

function textOf(error: unknown): string {
  return namedMessageOf(error);
}
