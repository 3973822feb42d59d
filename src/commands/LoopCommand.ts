import type { Argv, CommandModule } from 'yargs';
import type { HostArguments } from './hostArguments.ts';
import { tagOption } from './tagOption.ts';

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
    yargs
      .positional('jobs', {
        type: 'string',
        array: true,
        desc: 'Class names, codes or patterns such as billing.* of the jobs to look at; all when none is given',
      })
      .option('tag', tagOption)
      .option('sleep', {
        type: 'number',
        default: 300,
        desc: 'Seconds from the start of one tick to the start of the next',
        requiresArg: true,
      })
      .option('repeat', { type: 'number', desc: 'How many ticks to make; without it, no end', requiresArg: true })
      .option('jitter', {
        type: 'number',
        default: 0,
        desc: 'Wait a random part of so many seconds before the first tick',
        requiresArg: true,
      })
      .option('silent', { type: 'boolean', default: false, desc: 'Print nothing but trouble' })
      .option('json', { type: 'boolean', default: false, desc: 'Print what happens as JSON, one object a line' })
      .option('concurrency', { type: 'number', desc: 'How many jobs run at once', requiresArg: true })
      .check(({ sleep, repeat, jitter, concurrency, silent, json }) => {
        if (silent && json) {
          throw new Error('--silent and --json exclude each other; leave one of them out');
        }
        checkNumber('sleep', sleep, 'a number of seconds above 0', sleep > 0);
        checkNumber('jitter', jitter, 'a number of seconds from 0', jitter >= 0);
        checkNumber('repeat', repeat, 'a whole number from 1', Number.isInteger(repeat) && Number(repeat) >= 1);
        checkNumber(
          'concurrency',
          concurrency,
          'a whole number from 1',
          Number.isInteger(concurrency) && Number(concurrency) >= 1,
        );
        return true;
      })
      .example('$0 cronloop', 'A tick every 5 minutes')
      .example('$0 cronloop --sleep 60 --jitter 30', 'A tick every minute, on many hosts not in the same moment');

  readonly handler = async (args: LoopArguments): Promise<void> => {
    // Loaded here, so that --help and a mistyped command answer at once.
    const { runLoop } = await import('./runLoop.ts');
    await runLoop(args);
  };
}

function checkNumber(name: string, value: number | undefined, allowed: string, isAllowed: boolean): void {
  if (value !== undefined && !(isAllowed && Number.isFinite(value))) {
    throw new Error(`--${name}: ${value} is not allowed; it must be ${allowed}`);
  }
}
