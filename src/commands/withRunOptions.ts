import type { Argv } from 'yargs';
import { flagOption } from './flagOption.ts';
import type { HostArguments } from './hostArguments.ts';
import { count, numberOption } from './numberOption.ts';
import { tagOption } from './tagOption.ts';

/** What every command that runs jobs takes. */
export interface RunArguments extends HostArguments {
  jobs: string[] | undefined;
  tag: string[] | undefined;
  silent: boolean;
  json: boolean;
  concurrency: number | undefined;
}

/** Adds the options of all commands that run jobs. */
export function withRunOptions(yargs: Argv<HostArguments>): Argv<RunArguments> {
  return yargs
    .positional('jobs', {
      type: 'string',
      array: true,
      desc: 'Class names, codes or patterns such as billing.* of the jobs to look at; all when none is given',
    })
    .option('tag', tagOption)
    .option('concurrency', numberOption('concurrency', count('How many jobs run at once')))
    .option('silent', flagOption('Print nothing but trouble'))
    .option('json', flagOption('Print what happens as JSON, one object a line'))
    .check(({ silent, json }) => {
      if (silent && json) {
        throw new Error('--silent and --json exclude each other; leave one of them out');
      }
      return true;
    });
}
