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
  // Set last, since the host's modules may have set it meanwhile.
  process.exitCode = await action(options, out);
}
