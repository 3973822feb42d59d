import { explainDatabaseError } from '../../database/explainDatabaseError.ts';
import { ownEm, readNow } from '../../database/ourTables.ts';
import type { HostOptions } from '../../host/HostOptions.ts';
import { openHost } from '../../host/openHost.ts';
import { answerWithin } from '../../runner/answerWithin.ts';
import type { CronRunner } from '../../runner/CronRunner.ts';
import { getCronRunner } from '../../runner/extension.ts';
import type { Output } from '../../terminal/Output.ts';
import type { Terminal, Tone } from '../../terminal/Terminal.ts';
import { messageOf } from '../../util/thrown.ts';
import type { ExitCode } from '../Action.ts';
import { forHost } from '../forHost.ts';
import { type Check, type CheckContext, type Finding, ok, problem, skipped } from './Check.ts';
import { checkMailServer } from './checkMailServer.ts';
import { checks } from './checks.ts';

/** Options of `cron:check`. */
export interface CheckOptions extends HostOptions {
  readonly offline: boolean | undefined;
  /** Whether to ask the mail server too. */
  readonly mail: boolean | undefined;
  readonly json: boolean | undefined;
}

interface NamedFinding extends Finding {
  readonly name: string;
}

/** Checks a host and shows what was found; 1 when something is wrong. */
export async function checkHost(options: CheckOptions, out: Output): Promise<ExitCode> {
  const findings: NamedFinding[] = [];
  for await (const found of inspect(options)) {
    const finding = found.remedy === undefined ? found : { ...found, remedy: forHost(found.remedy, options) };
    findings.push(finding);
    if (!options.json) {
      show(out.text, finding);
    }
  }
  const isWell = findings.every(({ status }) => status !== 'problem');
  if (options.json) {
    const json = findings.map(({ name, status, text, remedy = null }) => ({ name, status, text, remedy }));
    out.data({ ok: isWell, checks: json }, 2);
  }
  return isWell ? 0 : 1;
}

async function* inspect(options: CheckOptions): AsyncGenerator<NamedFinding> {
  try {
    await using host = await openHost(options);
    const { orm } = host;
    const runner = getCronRunner(orm);
    const { timeZone, lockTimeSeconds, concurrency } = runner.settings;
    yield {
      name: 'config',
      ...ok(
        `the settings are valid: timeZone ${timeZone}, lockTimeSeconds ${lockTimeSeconds}, concurrency ${concurrency}`,
      ),
    };
    const [jobs, ofJobs] = await loadJobs(runner);
    yield { name: 'jobs', ...ofJobs };
    const [database, ofDatabase] = options.offline
      ? [null, skipped('not asked, because of --offline')]
      : await askDatabase(runner);
    yield { name: 'database', ...ofDatabase };
    yield* runChecks({ orm, runner, jobs, database });
    if (options.mail) {
      yield { name: 'mail', ...(await checkMailServer({ runner })) };
    }
  } catch (error) {
    // Only what opens the host throws: everything else is a finding.
    yield { name: 'config', ...problem(lineOf(error), 'check --config and --contextName, or the config itself') };
  }
}

async function loadJobs(runner: CheckContext['runner']): Promise<[CheckContext['jobs'], Finding]> {
  try {
    const jobs = await runner.jobs();
    const codes = jobs.length > 25 ? 'see cron:list' : jobs.map(({ code }) => code).join(', ');
    return jobs.length === 0
      ? [jobs, problem('no job is registered', 'list job classes or globs in cron({ jobs })')]
      : [jobs, ok(`${jobs.length} ${jobs.length === 1 ? 'job' : 'jobs'}: ${codes}`)];
  } catch (error) {
    return [[], problem(lineOf(error), 'fix the job; until then no job runs')];
  }
}

async function askDatabase(runner: CronRunner): Promise<[CheckContext['database'], Finding]> {
  const { orm } = runner;
  try {
    const em = ownEm(orm);
    // The first statement pays for the connection; the second tells how far the clocks are apart.
    await answerWithin(runner, readNow(em));
    const askedAt = Date.now();
    const now = await answerWithin(runner, readNow(em));
    const hostNow = new Date((askedAt + Date.now()) / 2);
    return [{ now, hostNow }, ok(`'${orm.config.get('dbName')}' answers`)];
  } catch (error) {
    const remedy = 'check that the server is running, and the address, user and password in the MikroORM config';
    return [null, problem(explainDatabaseError(error, orm).message, remedy)];
  }
}

async function* runChecks(context: CheckContext): AsyncGenerator<NamedFinding> {
  const failed = new Set<string>();
  for (const { name, needsDatabase, follows, run } of checks) {
    if (needsDatabase && context.database === null) {
      yield { name, ...skipped('needs the database') };
      continue;
    }
    for (const finding of await findings(run, context)) {
      const isConsequence = finding.status === 'problem' && follows !== undefined && failed.has(follows);
      if (finding.status === 'problem') {
        failed.add(name);
      }
      yield { name, ...(isConsequence ? skipped(`needs the ${follows}`) : finding) };
    }
  }
}

async function findings(run: Check['run'], context: CheckContext): Promise<Finding[]> {
  try {
    return await answerWithin(context.runner, Promise.resolve(run(context)));
  } catch (error) {
    return [problem(`could not be checked: ${lineOf(error)}`, 'fix the problem above, then check again')];
  }
}

/** The first line that says something: a compiler's begins with how many errors there are. */
function lineOf(error: unknown): string {
  const lines = messageOf(error).split('\n');
  return lines[0]?.endsWith(':') ? `${lines[0]} ${lines[1]?.trim() ?? ''}` : (lines[0] ?? '');
}

const marks: Record<Finding['status'], { sign: string; tone: Tone }> = {
  ok: { sign: '✔', tone: 'good' },
  warning: { sign: '!', tone: 'warning' },
  problem: { sign: '✘', tone: 'bad' },
  skipped: { sign: '-', tone: 'faint' },
};

/** A line a finding, and the way out below a problem. */
function show(terminal: Terminal, { name, status, text, remedy }: NamedFinding): void {
  const { sign, tone } = marks[status];
  const label = `${sign} ${name.padEnd(9)}`;
  terminal.line({ text: label, tone }, `  ${text}`);
  if (remedy) {
    terminal.line(`${' '.repeat(label.length + 2)}→ ${remedy}`);
  }
}
