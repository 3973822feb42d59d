import type { Argv, CommandModule } from 'yargs';
import { perform } from '../Action.ts';
import { flagOption, type HostArguments, oneOf, withExamples } from '../options.ts';

/** The ways of calling `runcrons` every five minutes that `cron:install --print` knows. */
export const DEPLOYMENT_FORMS = ['crontab', 'systemd', 'kubernetes', 'docker'] as const;

/** One of them. */
export type DeploymentForm = (typeof DEPLOYMENT_FORMS)[number];

interface InstallArguments extends HostArguments {
  print: string | undefined;
  json: boolean | undefined;
}

/** `cron:install`: puts re-exports of the shipped migrations into the host's migrations folder. */
export class InstallCommand implements CommandModule<HostArguments, InstallArguments> {
  readonly command = 'cron:install';
  readonly describe = "Put the migration of the cron tables into the host's migrations folder";

  readonly builder = (yargs: Argv<HostArguments>): Argv<InstallArguments> =>
    withExamples(
      yargs
        .option('print', {
          type: 'string',
          coerce: (given: unknown) => oneOf('print', given),
          desc: `Write nothing; print how to call runcrons every 5 minutes: ${DEPLOYMENT_FORMS.join(', ')}; all of them without a value`,
        })
        .option('json', flagOption('json', 'Print a JSON array; with --print an object of texts'))
        .check(({ print }) => {
          if (print && !isForm(print)) {
            throw new Error(`--print: '${print}' is not allowed; it must be one of ${DEPLOYMENT_FORMS.join(', ')}`);
          }
          return true;
        }),
      {
        'cron:install': 'Then run: npx mikro-orm migration:up',
        'cron:install --print crontab': 'The line for this host, ready to be pasted',
      },
    );

  readonly handler = async ({ print, ...args }: InstallArguments): Promise<void> => {
    const { installHost } = await import('./installHost.ts');
    const forms = print === undefined ? undefined : isForm(print) ? [print] : DEPLOYMENT_FORMS;
    await perform(installHost, { ...args, forms });
  };
}

function isForm(text: string): text is DeploymentForm {
  return (DEPLOYMENT_FORMS as readonly string[]).includes(text);
}
