import { readFileSync } from 'node:fs';
import yargs, { type Argv } from 'yargs';
import { CronError } from '../errors.ts';
import { CompletionCommand } from './CompletionCommand.ts';
import { cronCommands } from './cronCommands.ts';
import { PARSER_CONFIGURATION } from './strictArguments.ts';

const PROGRAM = 'mikro-orm-cron';

/** What yargs says, in the words of our own errors. Its types do not know that a phrase may have a plural. */
const phrases = {
  'Unknown command: %s': { one: "There is no command '%s'", other: "There are no commands '%s'" },
  'Argument unexpected for: %s': '--%s takes no value',
  'Invalid values:': 'Not allowed:',
  'Argument: %s, Given: %s, Choices: %s': '--%s: %s; it must be one of %s',
  'Not enough non-option arguments: got %s, need at least %s': {
    one: 'A name is missing: %s given, %s needed',
    other: 'A name is missing: %s given, %s needed',
  },
};

/** The command line of `mikro-orm-cron`. Throws what goes wrong instead of exiting, and leaves its help unwrapped. */
export function createCli(): Argv<object> {
  return yargs()
    .scriptName(PROGRAM)
    .wrap(null)
    .usage('Usage: $0 <command> [options]')
    .command(cronCommands)
    .command(new CompletionCommand(PROGRAM))
    .epilogue("Every command takes MikroORM's own --config and --contextName, and has examples in its --help.")
    .example('$0 cron:check', 'Check that everything is set up')
    .example('$0 runcrons', 'Run whatever is due')
    .example('source <($0 completion)', 'Complete commands in this shell')
    .version(version())
    .alias('v', 'version')
    .alias('h', 'help')
    .recommendCommands()
    .demandCommand(1, 'A command is missing')
    .parserConfiguration(PARSER_CONFIGURATION)
    .strict()
    .strictCommands()
    .updateStrings(phrases as never)
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
