import { readFileSync } from 'node:fs';
import yargs, { type Argv } from 'yargs';
import { CronError } from '../errors.ts';
import { cronCommands } from './cronCommands.ts';
import { withHostArguments } from './hostArguments.ts';

/** The command line of `mikro-orm-cron`. Throws what goes wrong instead of printing and exiting. */
export function createCli(): Argv<object> {
  return withHostArguments(yargs())
    .scriptName('mikro-orm-cron')
    .usage('Usage: $0 <command> [options]')
    .command(cronCommands)
    .version(version())
    .alias('v', 'version')
    .alias('h', 'help')
    .recommendCommands()
    .demandCommand(1, 'Which command? See mikro-orm-cron --help')
    .strict()
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      // yargs breaks some of its messages into lines.
      const text = message?.trim().replace(/\s*\n\s*/g, ' ') ?? 'bad command line';
      throw error ?? new CronError(`${text}; see --help`);
    });
}

function version(): string {
  const manifest: { version: string } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  return manifest.version;
}
