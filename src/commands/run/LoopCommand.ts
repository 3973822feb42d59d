import type { Argv, CommandModule } from 'yargs';
import { DEFAULT_SLEEP_SECONDS } from '../../runner/RunOptions.ts';
import { isSeconds, SECONDS_ALLOWED } from '../../util/rules.ts';
import { perform } from '../Action.ts';
import {
  count,
  flagOption,
  type HostArguments,
  numberOption,
  type RunArguments,
  withExamples,
  withRunOptions,
} from '../options.ts';

interface LoopArguments extends RunArguments {
  sleep: number;
  'no-exact': boolean | undefined;
  repeat: number | undefined;
  jitter: number;
}

/** `cronloop`: tick after tick, for hosts without crontab. */
export class LoopCommand implements CommandModule<HostArguments, LoopArguments> {
  readonly command = 'cronloop [jobs..]';
  readonly describe = 'Run the jobs that are due, in a loop, until SIGTERM';

  readonly builder = (yargs: Argv<HostArguments>): Argv<LoopArguments> =>
    withExamples(
      withRunOptions(yargs)
        .option('sleep', {
          ...numberOption('sleep', {
            desc: 'Look again after this many seconds at the latest',
            allowed: SECONDS_ALLOWED,
            isAllowed: isSeconds,
          }),
          default: DEFAULT_SLEEP_SECONDS,
        })
        .option('no-exact', flagOption('no-exact', 'Tick every --sleep seconds only, not when the next job is due'))
        .option('repeat', numberOption('repeat', count('Stop after this many ticks')))
        .option('jitter', {
          ...numberOption('jitter', {
            desc: 'Wait a random time of up to this many seconds before the first tick',
            allowed: `0 or ${SECONDS_ALLOWED}`,
            isAllowed: value => value === 0 || isSeconds(value),
          }),
          default: 0,
        }),
      {
        cronloop: 'Run each job at the instant at which it is due',
        'cronloop --no-exact --sleep 300 --jitter 30': 'A tick every 5 minutes, on many hosts not in the same moment',
      },
    );

  readonly handler = async (args: LoopArguments): Promise<void> => {
    // Loaded here, so that --help and a mistyped command answer at once.
    const { runLoop } = await import('./runLoop.ts');
    await perform(runLoop, { ...args, exact: !args['no-exact'] });
  };
}
