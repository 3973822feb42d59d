import type { Argv, CommandModule } from 'yargs';
import { perform } from '../Action.ts';
import {
  argOption,
  count,
  flagOption,
  type HostArguments,
  numberOption,
  textOption,
  withExamples,
} from '../options.ts';

interface OperateArguments extends HostArguments {
  jobs: string[] | undefined;
  by: string | undefined;
  json: boolean | undefined;
}

interface UntilArguments extends OperateArguments {
  for: string | undefined;
  until: string | undefined;
}

interface PauseArguments extends UntilArguments {
  all: boolean | undefined;
  reason: string | undefined;
}

/** `cron:pause`: keeps jobs from starting. */
export class PauseCommand implements CommandModule<HostArguments, PauseArguments> {
  readonly command = 'cron:pause [jobs..]';
  readonly describe = 'Keep jobs from starting until they are resumed, without a deploy';

  readonly builder = (yargs: Argv<HostArguments>): Argv<PauseArguments> =>
    withExamples(
      withUntil(withJobs(yargs))
        .option('reason', textOption('reason', 'Why; shown wherever the pause is'))
        .option('all', flagOption('all', 'Pause all jobs, also those that come later')),
      {
        "cron:pause 'billing.*' --for 2h --reason 'SMTP down'": 'Pause some jobs for two hours',
        'cron:pause --all --until 06:00': 'Maintenance until six o’clock',
      },
    );

  readonly handler = async (args: PauseArguments): Promise<void> => {
    const { pauseJobs } = await import('./operate.ts');
    await perform(pauseJobs, args);
  };
}

/** `cron:resume`: ends pauses. */
export class ResumeCommand implements CommandModule<HostArguments, OperateArguments & { all: boolean | undefined }> {
  readonly command = 'cron:resume [jobs..]';
  readonly describe = 'End the pause of jobs';

  readonly builder = (yargs: Argv<HostArguments>): Argv<OperateArguments & { all: boolean | undefined }> =>
    withExamples(
      withJobs(yargs).option('all', flagOption('all', 'End the pause of all jobs that cron:pause --all made')),
      {
        'cron:resume billing.import': 'Let it run again',
      },
    );

  readonly handler = async (args: OperateArguments & { all: boolean | undefined }): Promise<void> => {
    const { resumeJobs } = await import('./operate.ts');
    await perform(resumeJobs, args);
  };
}

/** `cron:skip`: passes over the next slot. */
export class SkipCommand implements CommandModule<HostArguments, UntilArguments> {
  readonly command = 'cron:skip <jobs..>';
  readonly describe = "Skip a job's next slot, or everything until an instant";

  readonly builder = (yargs: Argv<HostArguments>): Argv<UntilArguments> =>
    withExamples(withUntil(withJobs(yargs)), {
      'cron:skip billing.import': 'Skip the next run',
      "cron:skip billing.import --until '2026-12-27'": 'Skip what comes before that day',
    });

  readonly handler = async (args: UntilArguments): Promise<void> => {
    const { skipRuns } = await import('./operate.ts');
    await perform(skipRuns, args);
  };
}

interface RequestArguments extends OperateArguments {
  arg: string[] | undefined;
}

/** `cron:run`: requests a run. */
export class RequestCommand implements CommandModule<HostArguments, RequestArguments> {
  readonly command = 'cron:run <jobs..>';
  readonly describe = 'Request a run; a running loop starts it within 5 s, otherwise the next tick does';

  readonly builder = (yargs: Argv<HostArguments>): Argv<RequestArguments> =>
    withExamples(withJobs(yargs).option('arg', argOption), {
      'cron:run billing.import': 'Run it now, where its loop runs',
      'cron:run billing.import --arg from=2026-01-01': 'Run it with an argument',
    });

  readonly handler = async (args: RequestArguments): Promise<void> => {
    const { requestRuns } = await import('./operate.ts');
    await perform(requestRuns, args);
  };
}

/** `cron:cancel`: ends runs. */
export class CancelCommand implements CommandModule<HostArguments, OperateArguments & { run: number | undefined }> {
  readonly command = 'cron:cancel <jobs..>';
  readonly describe = 'End the run of a job that is under way, wherever it is';

  readonly builder = (yargs: Argv<HostArguments>): Argv<OperateArguments & { run: number | undefined }> =>
    withExamples(
      withJobs(yargs).option('run', numberOption('run', count('Only the run with this number, as cron:log shows it'))),
      { 'cron:cancel billing.import': 'Abort the signal of its run' },
    );

  readonly handler = async (args: OperateArguments & { run: number | undefined }): Promise<void> => {
    const { cancelRuns } = await import('./operate.ts');
    await perform(cancelRuns, args);
  };
}

function withJobs(yargs: Argv<HostArguments>): Argv<OperateArguments> {
  return yargs
    .positional('jobs', {
      type: 'string',
      array: true,
      desc: 'Class names, codes or patterns such as billing.* of the jobs',
    })
    .option('by', textOption('by', 'Who does it; user@host by default'))
    .option('json', flagOption('json', 'Print a JSON array, one object per job'));
}

function withUntil(yargs: Argv<OperateArguments>): Argv<UntilArguments> {
  return yargs
    .option('for', textOption('for', 'How long, such as 30m, 2h or 1d'))
    .option('until', textOption('until', "Until when: 14:00, '2026-03-01 06:30' or 2026-03-01T06:30:00Z"))
    .check(({ for: duration, until }) => {
      if (duration !== undefined && until !== undefined) {
        throw new Error('--for and --until are mutually exclusive; leave one of them out');
      }
      return true;
    });
}
