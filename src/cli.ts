#!/usr/bin/env node
import type { Argv } from 'yargs';

// An old Node fails at imports, before anything could say why: hence none but dynamic ones here.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 17)) {
  process.stderr.write(
    `mikro-orm-cron: Node ${process.version} (${process.execPath}) is too old; it must be 22.17 or newer: see the PATH of whoever calls this\n`,
  );
  process.exit(1);
}

const [{ enableCompileCache }, { readlinkSync }, { constants }] = await Promise.all([
  import('node:module'),
  import('node:fs'),
  import('node:os'),
]);
// Must come before anything heavy is imported.
enableCompileCache?.();

/** Parses the command line and runs the command; every failure becomes one line on stderr and exit code 1. */
async function main(argv: readonly string[]): Promise<void> {
  const { createCli } = await import('./commands/createCli.ts');
  const { checkReserved } = await import('./commands/strictArguments.ts');
  const cli: Argv<object> = createCli();
  try {
    checkReserved(argv);
    await cli.parseAsync(argv);
  } catch (error) {
    await sayWhy(error);
    process.exitCode = 1;
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

if (process.pid === 1) {
  endOnSecondSignal();
}

/**
 * The kernel spares the first process of a container from signals that it does not handle, so that the second signal,
 * which is to end everything at once, would do nothing.
 */
function endOnSecondSignal(): void {
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
  let count = 0;
  for (const signal of signals) {
    process.on(signal, () => {
      count += 1;
      if (count > 1) {
        process.exit(128 + constants.signals[signal]);
      }
    });
  }
}

/** Ends the process with the command's own exit code, whatever the host does about it. */
async function end(): Promise<never> {
  let { exitCode } = process;
  process.on('exit', () => {
    process.exitCode = exitCode;
  });
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  if (unprinted) {
    process.stderr.write(`mikro-orm-cron: not all could be printed to ${unprinted.path}: ${unprinted.message}\n`);
    exitCode ||= 1;
  }
  // A job that was given up, a timer it left behind, or a connection that the host's config opened would keep the process,
  // and crontab would pile such processes up.
  process.exit();
}

// Not awaited here: Node has an exit code and a warning of its own for a module that waits for what never comes.
void main(process.argv.slice(2)).then(end);
