import { AsyncResource } from 'node:async_hooks';
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { CronError } from '../errors.ts';
import type { HostOptions } from '../host/HostOptions.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import { STANDS_FOR_ITSELF } from '../util/describeThrown.ts';
import type { FromChild, ToChild } from './ChildMessage.ts';
import type { Executor, RunContext } from './Executor.ts';

/** The program of the child: it stands beside the command line's, compiled or not as this file is. */
const PROGRAM = fileURLToPath(new URL(`../isolated.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url));

/** Windows knows no groups of processes. */
const HAS_GROUPS = process.platform !== 'win32';

/** Milliseconds after a child's end in which what it has printed last may arrive. */
const LAST_WORDS = 1_000;

/**
 * Runs a job in a process of its own, which loads the host's config itself: whatever the job does to its process, exit,
 * crash, run out of memory, block the event loop, ends that run and nothing else. Lock and log stay with the parent.
 */
export class ChildProcessExecutor implements Executor {
  readonly #host: HostOptions;
  #child: ChildProcess | undefined;

  constructor(host: HostOptions) {
    this.#host = host;
  }

  async execute(job: CronJobBase, context: RunContext): Promise<unknown> {
    const child = fork(PROGRAM, {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
      // A group of its own, so that whatever the job has started can be ended with it.
      detached: HAS_GROUPS,
    });
    this.#child = child;
    // Bound to this run, so that captured output is this run's.
    child.stdout?.on(
      'data',
      AsyncResource.bind((chunk: Uint8Array) => process.stdout.write(chunk)),
    );
    child.stderr?.on(
      'data',
      AsyncResource.bind((chunk: Uint8Array) => process.stderr.write(chunk)),
    );
    const abort = () => send(child, { type: 'abort', ...nameAndMessage(context.signal.reason) });
    try {
      const answer = this.#answer(job, child, context);
      send(child, { type: 'run', host: this.#host, code: job.code, context: transferable(context) });
      context.signal.addEventListener('abort', abort);
      return await answer;
    } finally {
      context.signal.removeEventListener('abort', abort);
    }
  }

  kill(): void {
    const child = this.#child;
    if (HAS_GROUPS && child?.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has just ended by itself.
      }
    }
    child?.kill('SIGKILL');
  }

  /** What the child says of the run's end, or its own end if that comes first. */
  async #answer(job: CronJobBase, child: ChildProcess, context: RunContext): Promise<string> {
    return new Promise((resolve, reject) => {
      let answer: Extract<FromChild, { type: 'returned' | 'threw' }> | undefined;
      child.on('message', (message: FromChild) => {
        switch (message.type) {
          case 'write':
            context.write(message.line);
            break;
          case 'progress':
            context.progress(message.done, message.total);
            break;
          default:
            answer = message;
        }
      });
      child.on('error', reject);
      // What the job has started may keep the pipes open for as long as it likes.
      child.on('exit', () => {
        const late = setTimeout(() => [child.stdout, child.stderr].forEach(stream => stream?.destroy()), LAST_WORDS);
        child.on('close', () => clearTimeout(late));
      });
      // Only now is everything told, and everything printed.
      child.on('close', (code, signal) => {
        if (answer?.type === 'returned') {
          resolve(answer.returned);
        } else if (answer) {
          reject(new RemoteError(answer));
        } else {
          const how = signal ? `was killed by ${signal}` : `exited with code ${code}`;
          reject(new CronError(`Job ${job.code}: its process ${how} before the run had ended`, { jobCode: job.code }));
        }
      });
    });
  }
}

function send(child: ChildProcess, message: ToChild): void {
  if (child.connected) {
    // Where the child dies meanwhile, its end tells the story.
    child.send(message, () => undefined);
  }
}

function transferable({ log, fence, previousSuccess, isForced, scheduledFor, now }: RunContext) {
  return {
    log: { ...log },
    fence,
    previousSuccess: previousSuccess && { ...previousSuccess },
    isForced,
    scheduledFor,
    now,
  };
}

function nameAndMessage(reason: unknown): { name: string; message: string } {
  return reason instanceof Error
    ? { name: reason.name, message: reason.message }
    : { name: 'AbortError', message: String(reason) };
}

/** An error that reads as it did in the child. */
class RemoteError extends Error {
  override readonly name: string;
  readonly #description: string;

  constructor({ name, message, description }: Extract<FromChild, { type: 'threw' }>) {
    super(message);
    this.name = name;
    this.#description = description;
  }

  get [STANDS_FOR_ITSELF](): string {
    return this.#description;
  }

  [inspect.custom](): string {
    return this.#description;
  }
}
