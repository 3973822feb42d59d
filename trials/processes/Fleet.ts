import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { HostSpec } from '../host/HostSpec.ts';
import type { Disturbance } from '../witness/judgeSlots.ts';
import { monotonic } from '../witness/records.ts';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

const HOST = fileURLToPath(new URL('../host', import.meta.url));

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of a trial. */
export interface Member {
  /** A name that no other process of the trial has or had. */
  readonly name: string;
  readonly child: ChildProcess;
  readonly exited: Promise<Exit>;
  /** Whether the trial itself has asked it to end. */
  isDismissed: boolean;
  isPaused: boolean;
  isAlive: boolean;
}

/** What a process is started with. */
export interface Start {
  /** Arguments of the package's command line, or a program of trials/host. */
  readonly run:
    | { readonly cli: readonly string[] }
    | { readonly program: string; readonly nodeFlags?: readonly string[] };
  readonly spec: HostSpec;
  readonly env?: NodeJS.ProcessEnv;
  /** Whether it ends by itself, as one tick does. @default false */
  readonly endsItself?: boolean;
}

/** Starts real processes, does things to them, and notes what it did and when. All are ended, by id, when it is disposed of. */
export class Fleet implements AsyncDisposable {
  readonly disturbances: Disturbance[] = [];
  /** Processes that ended without being asked to. */
  readonly deaths: { readonly name: string; readonly exit: Exit }[] = [];
  readonly #members = new Set<Member>();
  #count = 0;

  start(kind: string, { run, spec, env = {}, endsItself = false }: Start): Member {
    const name = `${kind}#${++this.#count}`;
    const args =
      'cli' in run
        ? [CLI, ...run.cli, '--config', 'mikro-orm.config.js']
        : [...(run.nodeFlags ?? []), `${HOST}/${run.program}`];
    const child = spawn(process.execPath, args, {
      cwd: HOST,
      env: { ...process.env, NO_COLOR: '1', TRIAL_HOST: JSON.stringify(spec), TRIAL_PROCESS: name, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', chunk => (stdout = `${stdout}${chunk}`.slice(-200_000)));
    child.stderr.on('data', chunk => (stderr = `${stderr}${chunk}`.slice(-20_000)));
    const exited = new Promise<Exit>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', () => {
        const at = monotonic();
        this.disturbances.push({ process: name, kind: 'exited', from: at, to: at });
      });
      child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    });
    const member: Member = { name, child, exited, isDismissed: endsItself, isPaused: false, isAlive: true };
    this.#members.add(member);
    void exited.then(exit => {
      member.isAlive = false;
      this.#members.delete(member);
      if (!member.isDismissed) {
        this.deaths.push({ name, exit });
      }
    });
    return member;
  }

  /** Kills it as a machine that loses power would. */
  async kill(member: Member): Promise<void> {
    const from = monotonic();
    member.isDismissed = true;
    member.child.kill('SIGKILL');
    await member.exited;
    this.disturbances.push({ process: member.name, kind: 'killed', from, to: monotonic() });
  }

  /** Stops it for so long, as a machine that sleeps or a collector of garbage would. */
  async pause(member: Member, millis: number): Promise<void> {
    if (!member.isAlive) {
      return;
    }
    const from = monotonic();
    member.isPaused = true;
    member.child.kill('SIGSTOP');
    await Promise.race([delay(millis), member.exited]);
    member.child.kill('SIGCONT');
    member.isPaused = false;
    this.disturbances.push({ process: member.name, kind: 'paused', from, to: monotonic() });
  }

  /** Asks it to end, and says how it did; `undefined` when it did not within these seconds, and was killed. */
  async dismiss(member: Member, seconds: number): Promise<Exit | undefined> {
    member.isDismissed = true;
    member.child.kill('SIGTERM');
    member.child.kill('SIGCONT');
    const late = new AbortController();
    const exit = await Promise.race([
      member.exited,
      delay(seconds * 1_000, undefined, { signal: late.signal }).catch(() => undefined),
    ]);
    late.abort();
    if (exit === undefined) {
      await this.kill(member);
    }
    return exit;
  }

  /** Those that are going now, and are not paused. */
  get awake(): Member[] {
    return [...this.#members].filter(({ isAlive, isPaused }) => isAlive && !isPaused);
  }

  /** All that are going now. */
  get members(): Member[] {
    return [...this.#members].filter(({ isAlive }) => isAlive);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#members].map(member => this.kill(member)));
  }
}
