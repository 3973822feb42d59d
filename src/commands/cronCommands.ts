import type { Argv, CommandModule } from 'yargs';
import { CheckCommand } from './check/CheckCommand.ts';
import { InstallCommand } from './install/InstallCommand.ts';
import { ListCommand } from './list/ListCommand.ts';
import { LogCommand } from './log/LogCommand.ts';
import { MailTestCommand } from './MailTestCommand.ts';
import { CancelCommand, PauseCommand, RequestCommand, ResumeCommand, SkipCommand } from './operate/operateCommands.ts';
import { type HostArguments, withHostArguments } from './options.ts';
import { PruneCommand } from './PruneCommand.ts';
import { LoopCommand } from './run/LoopCommand.ts';
import { RunCronsCommand } from './run/RunCronsCommand.ts';
import { withStrictArguments } from './strictArguments.ts';
import { UnlockCommand } from './UnlockCommand.ts';

/**
 * The commands of `mikro-orm-cron`, as yargs command modules for a host with a command line of its own. Each loads what
 * it needs when it is called, and throws what goes wrong.
 *
 * @example
 * ```ts
 * await yargs(process.argv.slice(2)).command(cronCommands).command(myCommand).parseAsync();
 * ```
 */
export const cronCommands: CommandModule[] = [
  command(new RunCronsCommand()),
  command(new LoopCommand()),
  command(new ListCommand()),
  command(new LogCommand()),
  command(new PauseCommand()),
  command(new ResumeCommand()),
  command(new SkipCommand()),
  command(new RequestCommand()),
  command(new CancelCommand()),
  command(new CheckCommand()),
  command(new PruneCommand()),
  command(new UnlockCommand()),
  command(new InstallCommand()),
  command(new MailTestCommand()),
];

/** A command that takes MikroORM's own options wherever it is hung up. */
function command<T>({ builder, ...module }: CommandWithBuilder<T>): CommandModule {
  const withOptions = (yargs: Argv<object>) =>
    withStrictArguments(builder(withHostArguments(yargs)), String(module.command));
  // yargs hands a handler what its own builder asked for, which a list of different commands cannot say.
  return { ...module, builder: withOptions } as unknown as CommandModule;
}

interface CommandWithBuilder<T> extends CommandModule<HostArguments, T> {
  readonly builder: (yargs: Argv<HostArguments>) => Argv<T>;
}
