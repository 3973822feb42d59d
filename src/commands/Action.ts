import { RunScope } from '../runner/RunScope.ts';
import { type Output, ProcessOutput } from '../terminal/Output.ts';

/** How a command ended: 0 it did what it was asked to, 1 it could not or found a problem, 2 a job failed under `--strict`. */
export type ExitCode = 0 | 1 | 2;

/**
 * What a command does, apart from its command line and its process.
 *
 * @throws what keeps it from doing it; one line on stderr and exit code 1 for who called the command
 */
export type Action<Options> = (options: Options, out: Output) => Promise<ExitCode>;

/** Performs a command's action with the streams of this process, and sets `process.exitCode`. */
export async function perform<Options extends { readonly json?: boolean | undefined }>(
  action: Action<Options>,
  options: Options,
): Promise<void> {
  using out = new ProcessOutput(options);
  const onExit = (code: number) => sayThatItEndedEarly(out, code);
  process.on('exit', onExit);
  try {
    // Set last, since the host's modules may have set it meanwhile.
    process.exitCode = await action(options, out);
  } finally {
    process.off('exit', onExit);
  }
}

/**
 * The host's modules may call `process.exit()`, or leave nothing that could ever finish the command. Its exit code would
 * then say that it was done.
 */
function sayThatItEndedEarly(out: Output, code: number): void {
  // From 128 it stands for a second signal, which is meant to end everything.
  if (code >= 128) {
    return;
  }
  process.exitCode = 1;
  const codes = RunScope.active.map(run => run.code);
  out.error(
    codes.length > 0
      ? `process.exit() ended the process while ${codes.join(', ')} ran; no further job was started`
      : 'the process ended before the command was done: something in the host called process.exit(), or waits for what never comes',
  );
}
