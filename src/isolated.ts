import { once } from 'node:events';
import { enableCompileCache } from 'node:module';
import { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type FromChild, isToChild, MESSAGES_FD, PARENT_FD, type ToChild } from './runner/ChildMessage.ts';
import { MessagePipe } from './runner/MessagePipe.ts';

// Must come before anything heavy is imported, hence the dynamic imports below.
enableCompileCache?.();

/*
 * The program of a child process that makes one isolated run: it loads the host's config, runs one job, reports to its
 * parent how that went, and ends.
 */
const abort = new AbortController();
const guarded = watchParent();
// Before a job can replace it.
const exit = process.exit.bind(process);

/** The host's own, once its config is loaded. */
let describeError: ((error: unknown) => string) | undefined;

const parent = new MessagePipe<FromChild, ToChild>(
  new Socket({ fd: MESSAGES_FD }),
  isToChild,
  message => {
    if (message.type === 'abort') {
      abort.abort(new DOMException(message.message, message.name));
    } else {
      run(message).then(async returned => end({ type: 'returned', returned }), fail);
    }
  },
  () => exit(1),
);
// A terminal's Ctrl-C reaches the whole group; how a run ends is for the parent to say, and without it nobody listens.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('uncaughtException', error => void fail(error, 'Uncaught '));
keepLastOutput();

/** The host's database stays open: the process ends with the answer, and a connection that the job holds must not keep it. */
async function run({ host, code, context }: Extract<ToChild, { type: 'run' }>): Promise<string> {
  const { openHost } = await import('./host/openHost.ts');
  const { CronJobLog, getCronRunner } = await import('./index.ts');
  const { argumentsOfRun } = await import('./job/jobArguments.ts');
  const { fitMessage } = await import('./history/RunMessage.ts');
  const { InProcessExecutor } = await import('./runner/InProcessExecutor.ts');
  const { showReturned } = await import('./util/thrown.ts');
  const opened = await openHost(host, { isCommand: false });
  ({ describeError } = getCronRunner(opened.orm).allSettings());
  // By code alone: a name might mean another job's class.
  const job = (await getCronRunner(opened.orm).jobs()).find(found => found.code === code);
  if (!job) {
    throw new Error(`the config that its process has loaded has no job '${code}'`);
  }
  const args = await argumentsOfRun(job, context.log);
  await guarded;
  const returned = await new InProcessExecutor(opened.orm).execute(job, {
    ...context,
    args,
    log: Object.assign(new CronJobLog(), context.log),
    previousSuccess: context.previousSuccess && Object.assign(new CronJobLog(), context.previousSuccess),
    signal: abort.signal,
    write: line => parent.send({ type: 'write', line: fitMessage(String(line)) }),
    progress: (done, total) =>
      parent.send({ type: 'progress', done: Number(done), total: total === undefined ? undefined : Number(total) }),
  });
  return fitMessage(showReturned(returned));
}

async function fail(error: unknown, how = ''): Promise<void> {
  const { fitMessage } = await import('./history/RunMessage.ts');
  const { describeError: describeByDefault, messageOf, nameOf } = await import('./util/thrown.ts');
  const describe = describeError ?? describeByDefault;
  return end({
    type: 'threw',
    name: nameOf(error),
    message: how + fitMessage(messageOf(error)),
    description: how + fitMessage(describe(error)),
  });
}

/** The process exits once the message is on its way, whatever the job has left running. */
async function end(message: FromChild): Promise<void> {
  await Promise.all([process.stdout, process.stderr].map(drained));
  parent.send(message, () => exit());
}

/** Resolves when the guard watches, before which no job may start: it might block the event loop at once. */
async function watchParent(): Promise<unknown> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const program = fileURLToPath(new URL(`./runner/orphanGuard.${extension}`, import.meta.url));
  // Without the loaders that the command line and NODE_OPTIONS ask for: they would be loaded a second time.
  const guard = new Worker(program, { workerData: PARENT_FD, execArgv: [], env: {} });
  guard.unref();
  return once(guard, 'message');
}

/** What a job prints right before it ends its process would be lost in a pipe that is written to in the background. */
function keepLastOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const { _handle: handle } = stream as { _handle?: { setBlocking?(isBlocking: boolean): void } };
    handle?.setBlocking?.(true);
  }
}

/** Where the streams could not be made blocking. */
async function drained(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.writableLength > 0 && !stream.destroyed) {
    await new Promise<void>(resolve => void stream.write('', () => resolve()));
  }
}
