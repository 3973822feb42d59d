import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { refuseInUnit } from './refuseInUnit.ts';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

/** A host of its own directory that the CLI is run in. */
export const HOST = fileURLToPath(new URL('../fixtures/host', import.meta.url));

export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command running as a process. */
export interface CliProcess {
  readonly child: ChildProcess;
  readonly done: Promise<CliResult>;
}

/** Starts `mikro-orm-cron` as a user would, in a process of its own. */
export function startCli(args: string[], env: NodeJS.ProcessEnv = {}, cwd: string = HOST): CliProcess {
  refuseInUnit('a command');
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd,
    env: { ...process.env, NO_COLOR: '1', VITEST: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', chunk => (stdout += chunk));
  child.stderr.on('data', chunk => (stderr += chunk));
  const done = new Promise<CliResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, done };
}

/** Runs `mikro-orm-cron` to its end. */
export async function runCli(args: string[], env: NodeJS.ProcessEnv = {}, cwd: string = HOST): Promise<CliResult> {
  return startCli(args, env, cwd).done;
}
