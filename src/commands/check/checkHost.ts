import type { MikroORM } from '@mikro-orm/core';
import { explainDatabaseError } from '../../database/explainDatabaseError.ts';
import { ownEm, readNow } from '../../database/ourTables.ts';
import type { HostOptions } from '../../host/HostOptions.ts';
import { openHost } from '../../host/openHost.ts';
import { getCronRunner } from '../../runner/extension.ts';
import { DataStream } from '../../terminal/DataStream.ts';
import { Terminal } from '../../terminal/Terminal.ts';
import { messageOf } from '../../util/thrown.ts';
import { forHost } from '../forHost.ts';
import { type Check, type CheckContext, type Finding, ok, problem, skipped } from './Check.ts';
import { checkMailServer } from './checkMailServer.ts';
import { checks } from './checks.ts';

/** What `cron:check` was asked for. */
export interface CheckOptions extends HostOptions {
  readonly offline: boolean;
  /** Whether to ask the mail server too. */
  readonly mail: boolean;
  readonly json: boolean;
}

interface NamedFinding extends Finding {
  readonly name: string;
}

/** Checks a host, shows what was found, and says whether all is well. */
export async function checkHost(options: CheckOptions): Promise<boolean> {
  using data = options.json ? new DataStream() : undefined;
  const view = data ? undefined : new CheckView(new Terminal(process.stdout));
  const findings: NamedFinding[] = [];
  for await (const found of inspect(options)) {
    const finding = found.remedy === undefined ? found : { ...found, remedy: forHost(found.remedy, options) };
    findings.push(finding);
    view?.show(finding);
  }
  const isWell = findings.every(({ status }) => status !== 'problem');
  if (data) {
    const json = findings.map(({ name, status, text, remedy = null }) => ({ name, status, text, remedy }));
    data.json({ ok: isWell, checks: json }, 2);
  }
  return isWell;
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
        `settings are allowed: timeZone ${timeZone}, lockTimeSeconds ${lockTimeSeconds}, concurrency ${concurrency}`,
      ),
    };
    const [jobs, ofJobs] = await loadJobs(runner);
    yield { name: 'jobs', ...ofJobs };
    const [database, ofDatabase] = options.offline
      ? [null, skipped('not asked, because of --offline')]
      : await askDatabase(orm);
    yield { name: 'database', ...ofDatabase };
    yield* runChecks({ orm, runner, jobs, database });
    if (options.mail) {
      yield { name: 'mail', ...(await checkMailServer({ runner })) };
    }
  } catch (error) {
    // Only what opens the host throws: everything else is a finding.
    yield { name: 'config', ...problem(lineOf(error), 'see --config and --contextName, or the config itself') };
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
    return [[], problem(lineOf(error), 'mend the job; until then no job runs')];
  }
}

async function askDatabase(orm: MikroORM): Promise<[CheckContext['database'], Finding]> {
  try {
    const em = ownEm(orm);
    // The first statement pays for the connection; the second tells how far the clocks are apart.
    await readNow(em, orm);
    const askedAt = Date.now();
    const now = await readNow(em, orm);
    const hostNow = new Date((askedAt + Date.now()) / 2);
    return [{ now, hostNow }, ok(`'${orm.config.get('dbName')}' answers`)];
  } catch (error) {
    const remedy = 'see that the server is up, and the address, user and password in the MikroORM config';
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
    return await run(context);
  } catch (error) {
    return [problem(`could not be checked: ${lineOf(error)}`, 'mend what stands above, then check again')];
  }
}

/** The first line that says something: a compiler's begins with how many errors there are. */
function lineOf(error: unknown): string {
  const lines = messageOf(error).split('\n');
  return lines[0]?.endsWith(':') ? `${lines[0]} ${lines[1]?.trim() ?? ''}` : (lines[0] ?? '');
}

/** A line a finding, and the way out below a problem. */
class CheckView {
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  show({ name, status, text, remedy }: NamedFinding): void {
    const [mark, tone] = { ok: ['✔', 'good'], warning: ['!', 'faint'], problem: ['✘', 'bad'], skipped: ['-', 'faint'] }[
      status
    ] as [string, 'good' | 'bad' | 'faint'];
    const label = name.padEnd(9);
    this.#terminal.line(`${this.#terminal.paint(tone, `${mark} ${label}`)}  ${text}`);
    if (remedy) {
      this.#terminal.line(`${' '.repeat(label.length + 4)}→ ${remedy}`);
    }
  }
}
