import type { Argv } from 'yargs';

/** MikroORM's own options, which every command takes. */
export interface HostArguments {
  config?: string[] | undefined;
  contextName?: string | undefined;
}

/** Adds MikroORM's own options to a command line. */
export function withHostArguments<T>(yargs: Argv<T>): Argv<T & HostArguments> {
  return yargs
    .option('config', {
      type: 'string',
      array: true,
      // One path a time: a job's name that follows is not meant for it.
      nargs: 1,
      desc: 'Set path to the ORM configuration file',
    })
    .option('contextName', {
      alias: 'context',
      type: 'string',
      desc: 'Set name of config to load out of the ORM configuration file',
    });
}
