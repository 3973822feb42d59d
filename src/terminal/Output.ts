import { interceptWrite, type Write } from './interceptWrite.ts';
import { type OutputStream, Terminal } from './Terminal.ts';
import { harmlessJson, oneLine } from './text.ts';

/** Where a command writes to: the whole of what it may know of its process's streams. */
export interface Output {
  /** Lines for people: stdout. */
  readonly text: Terminal;
  /** What goes wrong, and questions: stderr. */
  readonly errors: Terminal;
  /** Writes a value as JSON to stdout: on one line, or with `indent` for people too. */
  data(value: unknown, indent?: number): void;
  /** Says on stderr what is wrong, after the program's name, in one line; what follows a line break in `more` is indented. */
  error(message: string, more?: string): void;
}

/** The streams of a process. */
export interface OutputStreams {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

/** The program's name, which begins every line on what goes wrong. */
const PROGRAM = 'mikro-orm-cron';

/**
 * Writes to the streams of a process. With `json`, stdout is kept for data until it is disposed of: what others print
 * there, such as a job's `console.log()` or MikroORM's logger, goes to stderr.
 */
export class ProcessOutput implements Output, Disposable {
  readonly text: Terminal;
  readonly errors: Terminal;
  readonly #write: Write;
  readonly #kept: Disposable | undefined;

  constructor(
    { json = false }: { readonly json?: boolean | undefined },
    { stdout, stderr }: OutputStreams = process,
    env: NodeJS.ProcessEnv = process.env,
  ) {
    this.#write = stdout.write.bind(stdout) as Write;
    this.text = new Terminal(stdout, env);
    this.errors = new Terminal(stderr, env);
    this.#kept = json
      ? interceptWrite(stdout, () => ((...args: Parameters<Write>) => stderr.write(...args)) as Write)
      : undefined;
  }

  data(value: unknown, indent?: number): void {
    this.#write(`${harmlessJson(value, indent)}\n`);
  }

  error(message: string, more = ''): void {
    this.errors.line(`${PROGRAM}: ${message.replace(new RegExp(`^${PROGRAM}: `), '')}`);
    if (more !== '') {
      // What is not indented is a line of ours.
      const lines = more.split('\n').map(line => oneLine(line));
      this.errors.lines(lines.map(line => [line.startsWith('    ') ? line : `    ${line}`]));
    }
  }

  [Symbol.dispose](): void {
    this.#kept?.[Symbol.dispose]();
  }
}
