import { CompletionCommand } from '../../src/commands/CompletionCommand.ts';
import { createCli } from '../../src/commands/createCli.ts';
import { cronCommands } from '../../src/commands/cronCommands.ts';
import type { Command } from './commandLine.ts';

const PACKAGE_MANAGERS = ['npm', 'pnpm', 'yarn', 'bun'];
const PROGRAM = /(^|\/)mikro-orm-cron$|mikro-orm-cron\/dist\/cli\.js$/;

/** What a command turned out to be. */
export type CommandKind = 'mikro-orm-cron' | 'npm run' | 'other';

/** A command that can be checked, and what is wrong with it. */
export interface CheckedCommand {
  readonly kind: CommandKind;
  readonly problem?: string;
}

/**
 * Holds a command against reality without running it: ours are parsed by the real command line, `npm run x` must be a
 * script of package.json.
 */
export async function checkCommand(command: Command, scripts: readonly string[]): Promise<CheckedCommand> {
  const [first, second, third] = command;
  const isPackageManager = PACKAGE_MANAGERS.includes(first ?? '');
  if (isPackageManager && second === 'run') {
    return scripts.includes(third ?? '')
      ? { kind: 'npm run' }
      : { kind: 'npm run', problem: `'${third}' is no script of package.json; there are ${scripts.join(', ')}` };
  }
  const program = command.findIndex(word => PROGRAM.test(word));
  if (program < 0 || (isPackageManager && second !== 'exec')) {
    return { kind: 'other' };
  }
  const problem = await parse(command.slice(program + 1).filter(word => !/^\d?[<>]/.test(word)));
  return { kind: 'mikro-orm-cron', ...(problem === undefined ? {} : { problem: `${command.join(' ')}: ${problem}` }) };
}

async function parse(args: readonly string[]): Promise<string | undefined> {
  try {
    // A command that is registered again takes the place of the first.
    await createCli()
      .command([...cronCommands, new CompletionCommand('')].map(command => ({ ...command, handler: () => undefined })))
      .parseAsync(args.filter(arg => arg !== '--help'));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
