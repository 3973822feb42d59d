import type { MikroORM } from '@mikro-orm/core';
import { describeError } from '../util/thrown.ts';
import type { JobReport, TickListener } from './TickEvent.ts';

/**
 * Logs runs with MikroORM's logger, in the namespace `cron`: everything under `debug: true`, and failures whatever
 * `debug` says when the host asked for that with `logErrors`.
 */
export function logListener(orm: MikroORM, logErrors: boolean): TickListener {
  const logger = orm.config.getLogger();
  return event => {
    switch (event.type) {
      case 'jobStarted':
        return logger.log('cron', `${event.job.code} started, run ${event.log.id}`);
      case 'abandoned':
        return event.logs.forEach(log =>
          logger.error('cron', `${event.job.code}, run ${log.id}: ${log.message}`, logErrors ? { enabled: true } : {}),
        );
      case 'jobDone':
        return event.report.error === undefined
          ? logger.log('cron', lineOf(event.report))
          : logger.error('cron', lineOf(event.report), logErrors ? { enabled: true } : {});
      case 'warning':
        return logger.warn('cron', event.job ? `${event.job.code}: ${event.message}` : event.message);
      default:
        return undefined;
    }
  };
}

function lineOf({ job, log, outcome, reason, error }: JobReport): string {
  const run = log ? `, run ${log.id}` : '';
  const why = error === undefined ? reason : describeError(error);
  return `${job.code}${run} ${outcome}: ${why}`;
}
