import type { Argv, CommandModule } from 'yargs';
import { isSeconds, SECONDS_ALLOWED } from '../isSeconds.ts';
import { flagOption } from './flagOption.ts';
import { count, numberOption } from './numberOption.ts';
import type { HostArguments } from './hostArguments.ts';
import { tagOption } from './tagOption.ts';
import { withExamples } from './withExamples.ts';

interface LoopArguments extends HostArguments {
  jobs: string[] | undefined;
  tag: string[] | undefined;
  sleep: number;
  repeat: number | undefined;
  jitter: number;
  silent: boolean;
  json: boolean;
  concurrency: number | undefined;
}

/** `cronloop`: tick after tick, for hosts without crontab. */
export class LoopCommand implements CommandModule<HostArguments, LoopArguments> {
  readonly command = 'cronloop [jobs..]';
  readonly describe = 'Run the jobs that are due, again and again, until SIGTERM';

  readonly builder = (yargs: Argv<HostArguments>): Argv<LoopArguments> =>
    withExamples(
      yargs
        .positional('jobs', {
          type: 'string',
          array: true,
          desc: 'Class names, codes or patterns such as billing.* of the jobs to look at; all when none is given',
        })
        .option('tag', tagOption)
        .option('sleep', {
          ...numberOption('sleep', {
            desc: 'Seconds from the start of one tick to the start of the next',
            allowed: SECONDS_ALLOWED,
            isAllowed: isSeconds,
          }),
          default: 300,
        })
        .option('repeat', numberOption('repeat', count('How many ticks to make; without it, no end')))
        .option('jitter', {
          ...numberOption('jitter', {
            desc: 'Wait a random part of so many seconds before the first tick',
            allowed: `0 or ${SECONDS_ALLOWED}`,
            isAllowed: value => value === 0 || isSeconds(value),
          }),
          default: 0,
        })
        .option('silent', flagOption('Print nothing but trouble'))
        .option('json', flagOption('Print what happens as JSON, one object a line'))
        .option('concurrency', numberOption('concurrency', count('How many jobs run at once')))
        .check(({ silent, json }) => {
          if (silent && json) {
            throw new Error('--silent and --json exclude each other; leave one of them out');
          }
          return true;
        }),
      {
        cronloop: 'A tick every 5 minutes',
        'cronloop --sleep 60 --jitter 30': 'A tick every minute, on many hosts not in the same moment',
      },
    );

  readonly handler = async (args: LoopArguments): Promise<void> => {
    // Loaded here, so that --help and a mistyped command answer at once.
    const { runLoop } = await import('./runLoop.ts');
    await runLoop(args);
  };
}
