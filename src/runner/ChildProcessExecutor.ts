import { AsyncResource } from 'node:async_hooks';
import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { CronError } from '../errors.ts';
import type { HostOptions } from '../host/HostOptions.ts';
import type { CronJobBase } from '../job/CronJobBase.ts';
import { STANDS_FOR_ITSELF } from '../util/describeThrown.ts';
import { messageOf, nameOf } from '../util/thrown.ts';
import { type FromChild, isFromChild, MESSAGES_FD, PARENT_FD, type ToChild } from './ChildMessage.ts';
import type { Executor, RunContext } from './Executor.ts';
import { MessagePipe } from './MessagePipe.ts';

/** The program of the child: it stands beside the command line's, compiled or not as this file is. */
const PROGRAM = fileURLToPath(new URL(`../isolated.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url));

/** Windows knows no groups of processes. */
const HAS_GROUPS = process.platform !== 'win32';

/** Milliseconds without output, after a child's end, after which nothing more is waited for. */
const LAST_WORDS = 1_000;

/** Milliseconds for all of it: what the job has left behind may print for as long as it likes. */
const LAST_WORDS_IN_ALL = 10_000;

type Answer = Extract<FromChild, { type: 'returned' | 'threw' }>;

/**
 * Runs a job in a process of its own, which loads the host's config itself: whatever the job does to its process, exit,
 * crash, run out of memory, block the event loop, ends that run and nothing else. Lock and log stay with the parent. The
 * child has a group of its own, which is killed as a whole, also when the parent dies.
 */
export class ChildProcessExecutor implements Executor {
  readonly #host: HostOptions;
  readonly #directory: string | undefined;
  #child: ChildProcess | undefined;

  /** @param directory where the host was started, since a job may have changed this process's own */
  constructor(host: HostOptions, directory?: string) {
    this.#host = host;
    this.#directory = directory;
  }

  async execute(job: CronJobBase, context: RunContext): Promise<unknown> {
    const child = spawn(process.execPath, [...nodeOptions(process.execArgv), PROGRAM], {
      cwd: this.#directory,
      // Beside the usual ones, the pipe for messages and one that ends with this process.
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
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
    let answer: Answer | undefined;
    let brokenBy: Error | undefined;
    const pipe = new MessagePipe<ToChild, FromChild>(
      child.stdio[MESSAGES_FD] as Duplex,
      isFromChild,
      AsyncResource.bind((message: FromChild) => {
        switch (message.type) {
          case 'write':
            context.write(message.line);
            break;
          case 'progress':
            context.progress(message.done, message.total);
            break;
          default:
            // The first: what comes of a job that is over is no answer.
            answer ??= message;
        }
      }),
      error => {
        brokenBy = error;
        this.kill();
      },
    );
    const lifeline = child.stdio[PARENT_FD] as Duplex;
    lifeline.on('error', () => undefined).resume();
    const abort = () => pipe.send({ type: 'abort', ...nameAndMessage(context.signal.reason) });
    context.signal.addEventListener('abort', abort);
    try {
      const ended = this.#ended(job, child);
      pipe.send({ type: 'run', host: this.#host, code: job.code, context: transferable(context) });
      const how = await ended;
      if (answer?.type === 'returned' && how === undefined) {
        return answer.returned;
      }
      // What the job has started is not to work on beside the next run.
      killGroup(child);
      if (answer?.type === 'threw') {
        throw new RemoteError(answer);
      }
      const when = answer ? 'after do() had returned' : 'before the run had ended';
      const text = `Job ${job.code}: its process ${how ?? 'exited with code 0'} ${when}`;
      throw new CronError(brokenBy ? `${text}: ${brokenBy.message}` : text, { jobCode: job.code, cause: brokenBy });
    } finally {
      context.signal.removeEventListener('abort', abort);
    }
  }

  kill(): void {
    const child = this.#child;
    if (child?.exitCode === null && child.signalCode === null) {
      killGroup(child);
      child.kill('SIGKILL');
    }
  }

  /**
   * Resolves when the child has ended and everything that it sent or printed has arrived: with how it ended, or
   * `undefined` when cleanly.
   */
  async #ended(job: CronJobBase, child: ChildProcess): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      child.on('error', cause => {
        const where = this.#directory === undefined ? '' : ` in '${this.#directory}'`;
        const text = `Job ${job.code}: its process could not be started${where}: ${cause.message}`;
        reject(new CronError(text, { jobCode: job.code, cause }));
      });
      child.on('exit', () => closeWhenQuiet(child));
      child.on('close', (code, signal) => {
        const unclean = code === 0 ? undefined : `exited with code ${code}`;
        resolve(signal ? `was killed by ${signal}` : unclean);
      });
    });
  }
}

/** A process that the job has started may keep the pipes of one that has ended open. */
function closeWhenQuiet(child: ChildProcess): void {
  const streams = child.stdio.filter(stream => stream !== null) as Readable[];
  const close = () => streams.forEach(stream => stream.destroy());
  const quiet = setTimeout(close, LAST_WORDS);
  const limit = setTimeout(close, LAST_WORDS_IN_ALL);
  streams.forEach(stream => stream.on('data', () => quiet.refresh()));
  child.on('close', () => {
    clearTimeout(quiet);
    clearTimeout(limit);
  });
}

/** Kills what is left of a child's group, be the child itself still there or not. */
function killGroup({ pid }: ChildProcess): void {
  if (HAS_GROUPS && pid !== undefined) {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // Nothing is left of it.
    }
  }
}

/** The options that this Node was started with, without a program given on the command line. */
function nodeOptions(options: readonly string[]): string[] {
  const isProgram = (option: string | undefined) => /^(-e|-p|-pe|--eval|--print)$/.test(option ?? '');
  return options.filter((option, index) => !isProgram(option) && !isProgram(options[index - 1]));
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
  const isError = reason instanceof Error;
  return { name: isError ? nameOf(reason) : 'AbortError', message: messageOf(reason) };
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
