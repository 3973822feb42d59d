import { CronError } from '../../errors.ts';
import type { HostOptions } from '../../host/HostOptions.ts';
import { openHost } from '../../host/openHost.ts';
import { parseArguments } from '../../job/jobArguments.ts';
import type { CronRunner } from '../../runner/CronRunner.ts';
import { getCronRunner } from '../../runner/extension.ts';
import type { JobOverview, Overview } from '../../runner/readOverview.ts';
import { LocalTime, localTimeText } from '../../schedule/LocalTime.ts';
import { describePause } from '../../state/decideJob.ts';
import type { Output } from '../../terminal/Output.ts';
import { messageOf } from '../../util/thrown.ts';
import type { ExitCode } from '../Action.ts';
import { futureInstant, type Until } from './futureInstant.ts';

/** Options of every command by which a person acts on jobs. */
export interface OperateOptions extends HostOptions {
  readonly jobs: readonly string[] | undefined;
  readonly by: string | undefined;
  readonly json: boolean | undefined;
}

/** Options of `cron:pause`. */
export interface PauseCommandOptions extends OperateOptions, Until {
  readonly all: boolean | undefined;
  readonly reason: string | undefined;
}

/** One job, or all, and what has become of it. */
interface Done {
  /** For people, after the job's code. */
  readonly text: string;
  /** For programs, beside the code. */
  readonly data: object;
}

/** `cron:pause` */
export async function pauseJobs(options: PauseCommandOptions, out: Output): Promise<ExitCode> {
  return withJobs('cron:pause', options, out, async ({ runner, codes, overview }) => {
    const until = futureInstant(options, overview.now, runner.settings.timeZone);
    const values = { until, reason: options.reason, by: options.by };
    await (options.all ? runner.pauseAll(values) : runner.pause(codes, values));
    const after = await runner.overview(overview.jobs.map(({ job }) => job));
    const [first] = after.jobs;
    if (options.all) {
      // Of a host without jobs nothing can be shown.
      return [['*', first ? paused(first, after, runner, true) : { text: 'paused', data: {} }]];
    }
    return after.jobs.map((job): [string, Done] => [job.job.code, paused(job, after, runner, false)]);
  });
}

/** `cron:resume` */
export async function resumeJobs(
  options: OperateOptions & { all: boolean | undefined },
  out: Output,
): Promise<ExitCode> {
  return withJobs('cron:resume', options, out, async ({ runner, codes }) => {
    if (options.all) {
      const resumed = await runner.resumeAll({ by: options.by });
      return [['*', { text: resumed ? 'resumed' : 'they are not paused', data: { resumed } }]];
    }
    const resumed = await runner.resume(codes, { by: options.by });
    const after = await runner.overview(await runner.select(codes));
    return after.jobs.map(({ job: { code }, pause }): [string, Done] => {
      const isResumed = resumed.includes(code);
      const text = isResumed ? 'resumed' : 'it is not paused by itself';
      const stays = pause ? `; all jobs are paused by ${pause.by}: cron:resume --all ends that` : '';
      return [code, { text: pause || isResumed ? text + stays : 'it is not paused', data: { resumed: isResumed } }];
    });
  });
}

/** `cron:skip` */
export async function skipRuns(options: OperateOptions & Until, out: Output): Promise<ExitCode> {
  return withJobs('cron:skip', options, out, async ({ runner, codes, overview }) => {
    const { timeZone } = runner.settings;
    const until = futureInstant(options, overview.now, timeZone);
    return eachOf(codes, async code => {
      const at = await runner.skip(code, { until, by: options.by });
      const when = `${localTimeText(at, timeZone, { withSeconds: at.getTime() % 60_000 !== 0 })} ${timeZone}`;
      const data = { slot: until ? null : at.toISOString(), until: until?.toISOString() ?? null };
      return { text: until ? `everything before ${when} is skipped` : `the run of ${when} is skipped`, data };
    });
  });
}

/** `cron:run` */
export async function requestRuns(
  options: OperateOptions & { readonly arg: readonly string[] | undefined },
  out: Output,
): Promise<ExitCode> {
  return withJobs('cron:run', options, out, async ({ runner, codes, overview }) => {
    const args = options.arg && parseArguments(options.arg);
    if (args && codes.length > 1) {
      throw new CronError(`cron:run: --arg is for one job, but ${codes.length} are named; name that job alone`);
    }
    return eachOf(codes, async code => {
      const { id, isNew } = await runner.request(code, { by: options.by, args });
      const [before] = overview.jobs.filter(({ job }) => job.code === code);
      const text = isNew
        ? `run requested (${id}); ${whenItStarts(before)}`
        : `request ${id}${before?.request ? ` of ${before.request.by}` : ''} waits already; ${whenItStarts(before)}`;
      return { text, data: { request: id, isNew } };
    });
  });
}

/** `cron:cancel` */
export async function cancelRuns(
  options: OperateOptions & { run: number | undefined },
  out: Output,
): Promise<ExitCode> {
  return withJobs('cron:cancel', options, out, async ({ runner, codes }) => {
    if (options.run !== undefined && codes.length > 1) {
      throw new CronError('cron:cancel: --run names a run of one job; name that job alone');
    }
    return eachOf(codes, async code => {
      const runs = await runner.cancel(code, { runId: options.run, by: options.by });
      const which = runs.length === 1 ? `run ${runs[0]} is` : `runs ${runs.join(', ')} are`;
      return { text: `${which} cancelled; its signal is aborted within 5 s`, data: { runs } };
    });
  });
}

function whenItStarts(job: JobOverview | undefined): string {
  if (job?.off != null) {
    return 'it starts when the job is enabled, since it is off here';
  }
  return job?.pause
    ? 'it starts when the job is resumed, since it is paused'
    : job?.holder
      ? 'it starts when the run under way has ended'
      : 'a running loop starts it within 5 s, otherwise the next tick does';
}

function paused({ pause }: JobOverview, { now }: Overview, runner: CronRunner, isOfAll: boolean): Done {
  const local = LocalTime.of(runner.settings.timeZone);
  const text = pause ? describePause(pause, { now, local, isOfAll: false }) : 'paused';
  const { until, by, reason } = pause ?? { until: null, by: null, reason: null };
  return { text, data: { paused: true, isOfAll, until: until?.toISOString() ?? null, by, reason } };
}

interface Acting {
  readonly runner: CronRunner;
  readonly codes: readonly string[];
  readonly overview: Overview;
}

/** Opens the host, finds the jobs, acts, and prints a line or an object a job. */
async function withJobs(
  command: string,
  options: OperateOptions & { readonly all?: boolean | undefined },
  out: Output,
  act: (acting: Acting) => Promise<readonly (readonly [string, Done | Error])[]>,
): Promise<ExitCode> {
  const { jobs: names = [], all, json } = options;
  await using host = await openHost(options);
  if (all === true ? names.length > 0 : names.length === 0) {
    throw new CronError(
      `${command}: ${all ? 'leave the names out with --all' : 'name a job, or a pattern such as billing.*'}`,
    );
  }
  const runner = getCronRunner(host.orm);
  const jobs = await runner.select(names);
  const overview = await runner.overview(jobs);
  const done = await act({ runner, codes: jobs.map(({ code }) => code), overview });
  const failed = done.filter(([, result]) => result instanceof Error);
  if (failed.length > 0 && done.length === 1) {
    throw failed[0]![1] as Error;
  }
  const succeeded = done.filter((entry): entry is readonly [string, Done] => !(entry[1] instanceof Error));
  if (json) {
    out.data(succeeded.map(([code, { data }]) => ({ code: code === '*' ? null : code, ...data })));
  } else {
    succeeded.forEach(([code, { text }]) => out.text.line(`${code === '*' ? 'all jobs' : code}: ${text}`));
  }
  failed.forEach(([, error]) => out.error(messageOf(error)));
  return failed.length > 0 ? 1 : 0;
}

/** Does it for each job; what one job refuses does not keep the others from it. */
async function eachOf(
  codes: readonly string[],
  act: (code: string) => Promise<Done>,
): Promise<readonly (readonly [string, Done | Error])[]> {
  const done: (readonly [string, Done | Error])[] = [];
  for (const code of codes) {
    try {
      done.push([code, await act(code)]);
    } catch (error) {
      if (!(error instanceof CronError)) {
        throw error;
      }
      done.push([code, error]);
    }
  }
  return done;
}
