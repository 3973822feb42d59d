import { ProcessOutput } from '../../src/terminal/Output.ts';
import type { OutputStream } from '../../src/terminal/Terminal.ts';

/** A stream that keeps what is written to it. */
export interface MemoryStream extends OutputStream {
  written: string;
}

/** An output in memory, as of a command in a pipe or with `isTTY` on a terminal. */
export function memoryOutput(
  options: { json?: boolean } = {},
  stream: Omit<OutputStream, 'write'> = {},
): { out: ProcessOutput; stdout: MemoryStream; stderr: MemoryStream } {
  const [stdout, stderr] = [memoryStream(stream), memoryStream(stream)];
  return { out: new ProcessOutput(options, { stdout, stderr }, {}), stdout, stderr };
}

/** A stream that keeps what is written to it. */
export function memoryStream(properties: Omit<OutputStream, 'write'> = {}): MemoryStream {
  const stream: MemoryStream = {
    ...properties,
    written: '',
    write: chunk => {
      stream.written += String(chunk);
      return true;
    },
  };
  return stream;
}
