import { enableCompileCache } from 'node:module';
import type { FromChild, ToChild } from './runner/ChildMessage.ts';

// Must come before anything heavy is imported, hence the dynamic imports below.
enableCompileCache?.();

/*
 * The program of a child process that makes one isolated run: it loads the host's config, runs one job, tells its
 * parent how that went, and ends.
 */
const abort = new AbortController();

/** The host's own, once its config is loaded. */
let describeError: ((error: unknown) => string) | undefined;

process.on('message', (message: ToChild) => {
  if (message.type === 'abort') {
    abort.abort(new DOMException(message.message, message.name));
  } else {
    run(message).then(end, fail);
  }
});
// A terminal's Ctrl-C reaches the whole group; how a run ends is for the parent to say, and without it nobody listens.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('disconnect', () => process.exit(1));

/** The host's database stays open: the process ends with the answer, and a connection that the job holds must not keep it. */
async function run({ host, code, context }: Extract<ToChild, { type: 'run' }>): Promise<string> {
  const { openHost } = await import('./host/openHost.ts');
  const { CronJobLog, getCronRunner } = await import('./index.ts');
  const { InProcessExecutor } = await import('./runner/InProcessExecutor.ts');
  const { showReturned } = await import('./util/thrown.ts');
  const opened = await openHost(host, { isCommand: false });
  ({ describeError } = getCronRunner(opened.orm).settings);
  // By code alone: a name might mean another job's class.
  const job = (await getCronRunner(opened.orm).jobs()).find(found => found.code === code);
  if (!job) {
    throw new Error(`the config that its process has loaded has no job '${code}'`);
  }
  const returned = await new InProcessExecutor(opened.orm).execute(job, {
    ...context,
    log: Object.assign(new CronJobLog(), context.log),
    previousSuccess: context.previousSuccess && Object.assign(new CronJobLog(), context.previousSuccess),
    signal: abort.signal,
    write: line => tell({ type: 'write', line: String(line) }),
    progress: (done, total) => tell({ type: 'progress', done, total }),
  });
  return showReturned(returned);
}

async function fail(error: unknown): Promise<void> {
  const describe = describeError ?? (await import('./util/thrown.ts')).describeError;
  const { name, message } = error instanceof Error ? error : { name: 'Thrown', message: String(error) };
  tell({ type: 'threw', name, message, description: describe(error) }, 0);
}

function end(returned: string): void {
  tell({ type: 'returned', returned }, 0);
}

/** @param code with which the process exits once the message is on its way, whatever the job has left running */
function tell(message: FromChild, code?: number): void {
  process.send?.(message, undefined, undefined, () => code !== undefined && process.exit(code));
}
