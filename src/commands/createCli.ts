import { readFileSync } from 'node:fs';
import yargs, { type Argv } from 'yargs';
import { CronError } from '../errors.ts';
import { InstallCommand } from './InstallCommand.ts';
import { withHostArguments } from './hostArguments.ts';
import { LoopCommand } from './LoopCommand.ts';
import { MailTestCommand } from './MailTestCommand.ts';
import { PruneCommand } from './PruneCommand.ts';
import { RunCronsCommand } from './RunCronsCommand.ts';

/** The command line of `mikro-orm-cron`. Throws what goes wrong instead of printing and exiting. */
export function createCli(): Argv<object> {
  return withHostArguments(yargs())
    .scriptName('mikro-orm-cron')
    .usage('Usage: $0 <command> [options]')
    .command(new RunCronsCommand())
    .command(new LoopCommand())
    .command(new PruneCommand())
    .command(new InstallCommand())
    .command(new MailTestCommand())
    .version(version())
    .alias('v', 'version')
    .alias('h', 'help')
    .recommendCommands()
    .demandCommand(1, 'Which command? See mikro-orm-cron --help')
    .strict()
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      throw error ?? new CronError(`${message ?? 'bad command line'}; see --help`);
    });
}

function version(): string {
  const manifest: { version: string } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  return manifest.version;
}
