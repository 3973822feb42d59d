import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { HOST } from './cli.ts';
import { refuseInUnit } from './refuseInUnit.ts';
import { until } from './until.ts';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

/** A command in a terminal of its own, in which stdout and stderr are one, as for a person. */
export interface TerminalProcess {
  /** All that came so far, with its control sequences. */
  raw(): string;
  /** All that came so far as lines of text: what was overwritten is still there. */
  text(): string;
  /** Waits until something has come. */
  shows(text: string | RegExp): Promise<void>;
  /** Types; '\x03' is Ctrl-C. */
  type(keys: string): void;
  readonly done: Promise<{ code: number | null; raw: string; text: string }>;
}

/** Starts `mikro-orm-cron` in a pseudo-terminal of so many columns, with `script` of util-linux. */
export function startInTerminal(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  columns = 120,
  cwd: string = HOST,
): TerminalProcess {
  refuseInUnit('a command');
  const command = [process.execPath, CLI, ...args].map(quote).join(' ');
  const child = spawn('script', ['-qefc', `stty cols ${columns} rows 24; exec ${command}`, '/dev/null'], {
    cwd,
    env: {
      ...process.env,
      ...{ VITEST: undefined, NO_COLOR: undefined, FORCE_COLOR: undefined, CI: undefined, COLORTERM: undefined },
      ...{ TERM: 'xterm-256color', ...env },
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  const text = () => stripVTControlCharacters(output).replaceAll('\r\n', '\n');
  const done = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return {
    raw: () => output,
    text,
    shows: async wanted => {
      await until(`the terminal shows ${String(wanted)}`, async () =>
        typeof wanted === 'string' ? text().includes(wanted) : wanted.test(text()),
      );
    },
    type: keys => void child.stdin.write(keys),
    done: done.then(code => ({ code, raw: output, text: text() })),
  };
}

/** Runs `mikro-orm-cron` in a terminal to its end. */
export async function runInTerminal(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  columns = 120,
): Promise<{ code: number | null; raw: string; text: string }> {
  return startInTerminal(args, env, columns).done;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
