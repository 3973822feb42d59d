#!/usr/bin/env node
import type { Argv } from 'yargs';

// An old Node fails at imports, before anything could say why: hence none but dynamic ones here.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 17)) {
  process.stderr.write(
    `mikro-orm-cron: Node ${process.version} (${process.execPath}) is too old; 22.17 or newer is required: check the PATH of the caller\n`,
  );
  process.exit(1);
}

const [{ enableCompileCache }, { readlinkSync }] = await Promise.all([import('node:module'), import('node:fs')]);
// Must come before anything heavy is imported.
enableCompileCache?.();

const { ExitGuard } = await import('./commands/ExitGuard.ts');
const guard = new ExitGuard();

/** Parses the command line and runs the command; every failure becomes one line on stderr and exit code 1. */
async function main(argv: readonly string[]): Promise<number> {
  const { createCli } = await import('./commands/createCli.ts');
  const { checkReserved } = await import('./commands/strictArguments.ts');
  const cli: Argv<object> = createCli();
  let printed = '';
  let isCompletion = false;
  try {
    checkReserved(argv);
    // With a callback yargs hands over what it would print: help, the version, completions.
    await cli.parseAsync(argv, {}, (_error, parsed, output) => {
      printed = output;
      isCompletion = 'get-yargs-completions' in parsed;
    });
    if (printed) {
      const { wrapHelp } = await import('./commands/wrapHelp.ts');
      process.stdout.write(`${isCompletion ? printed : wrapHelp(printed, process.stdout.columns)}\n`);
    }
    return Number(process.exitCode ?? 0);
  } catch (error) {
    await sayWhy(error);
    return 1;
  }
}

async function sayWhy(error: unknown): Promise<void> {
  const [{ ProcessOutput }, { messageOf }] = await Promise.all([
    import('./terminal/Output.ts'),
    import('./util/thrown.ts'),
  ]);
  using out = new ProcessOutput({});
  out.error(messageOf(error));
}

/** Where a stream leads to: Linux knows the file behind it. */
function pathOf({ fd }: NodeJS.WriteStream & { fd: number }): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return fd === 1 ? 'stdout' : 'stderr';
  }
}

/** Resolves when a stream has passed on all that was written to it, or cannot any more. */
async function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise(resolve => {
    stream.write('', () => resolve());
  });
}

// Who reads our output may have had enough (`| head -1`): that is nothing to complain of. A full disk is. Neither ends a
// tick.
let unprinted: { readonly message: string; readonly path: string } | undefined;
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      unprinted ??= { message: error.message, path: pathOf(stream) };
    }
  });
}

async function run(): Promise<void> {
  const code = await main(process.argv.slice(2));
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  if (unprinted) {
    process.stderr.write(
      `mikro-orm-cron: not all output could be written to ${unprinted.path}: ${unprinted.message}\n`,
    );
  }
  // A job that was given up, a timer it left behind, or a connection that the host's config opened would keep the process
  // for ever, and crontab would pile such processes up.
  guard.exit(code || (unprinted ? 1 : 0));
}

// Not by `await`: where nothing is left to wait for, Node would complain of that and choose the exit code.
void run();
