import { MikroORM } from '@mikro-orm/postgresql';
import { MikroORM as Sqlite } from '@mikro-orm/sqlite';
import { describe, expect, it } from 'vitest';
import {
  cron,
  cronEntities,
  CronJobBase,
  type CronSettings,
  defineCronJob,
  getCronRunner,
  Schedule,
} from '../../src/index.ts';
import { HOST } from '../helpers/cli.ts';

const schedule = new Schedule({ runEveryMins: 5 });

class Good extends CronJobBase {
  readonly code: string = 'good';
  readonly schedule = schedule;
  do(): void {}
}

/** A host that is never connected. */
async function jobsOf(
  jobs: CronSettings['jobs'],
  settings: Partial<CronSettings> = {},
): Promise<readonly CronJobBase[]> {
  const orm = await MikroORM.init({
    dbName: 'none',
    baseDir: HOST,
    preferTs: true,
    entities: cronEntities,
    extensions: [cron({ jobs, ...settings })],
  });
  return getCronRunner(orm).jobs();
}

describe('jobs', () => {
  it('come from classes, definitions and globs, in the order listed, each once', async () => {
    const defined = defineCronJob({ code: 'defined', schedule, timeoutSeconds: 3, do: () => undefined });
    const jobs = await jobsOf([Good, './crons/*.ts', defined, Good]);
    expect(jobs.map(({ code }) => code)).toEqual(['good', 'host.failing', 'host.quick', 'defined']);
    expect(jobs[3]).toMatchObject({ timeoutSeconds: 3, allowParallelRuns: false, minNumFailures: 10 });
  });

  it('are built by createJob, which may be async', async () => {
    class Injected extends Good {
      override readonly code = 'injected';
      readonly service: string;
      constructor(service: string) {
        super();
        this.service = service;
      }
    }
    const createJob = async (JobClass: new (...args: never[]) => CronJobBase) =>
      new JobClass(...(['mailer'] as never[]));
    const [job] = await jobsOf([Injected], { createJob });
    expect(job).toMatchObject({ code: 'injected', service: 'mailer' });
  });

  it('use jobsTs instead of jobs where MikroORM prefers TypeScript', async () => {
    const jobs = await jobsOf(['./dist/*.js'], { jobsTs: ['./crons/Quick.ts'] });
    expect(jobs.map(({ code }) => code)).toEqual(['host.quick']);
  });

  describe('are refused', () => {
    const withCode = (code: unknown) =>
      class Odd extends Good {
        override readonly code = code as string;
      };

    it.each([
      ['missing', undefined, /^Job Odd in jobs: its code is missing; a code is a string of 1 to 64 characters/],
      ['empty', '', /^Job Odd in jobs: its code "" is not allowed/],
      ['blank', '  ', /its code " {2}" is not allowed/],
      ['too long', 'x'.repeat(65), /its code "x{65}" is not allowed/],
      ['a number', 7, /its code 7 is not allowed/],
      ['torn by a line break', 'a\r\nb', /its code "a\\r\\nb" is not allowed/],
    ])('when the code is %s', async (_, code, message) => {
      await expect(jobsOf([withCode(code)])).rejects.toThrow(message);
    });

    it('but not when the code has 64 characters of any script', async () => {
      expect(await jobsOf([withCode('ž'.repeat(64)), withCode('💾'.repeat(64))])).toHaveLength(2);
    });

    it('when two have the same code, naming both', async () => {
      class Twin extends Good {}
      await expect(jobsOf([Good, Twin])).rejects.toThrow(
        "Jobs Good in jobs and Twin in jobs have the same code 'good'; codes must be unique",
      );
      await expect(jobsOf([Good, withCode('GOOD')])).rejects.toThrow(/have the same code/);
    });

    it('when two files have the same code, naming both', async () => {
      class Quick extends Good {
        override readonly code = 'host.quick';
      }
      const defined = defineCronJob({ code: 'HOST.quick', schedule, do: () => undefined });
      await expect(jobsOf([Quick, './crons/*.ts'])).rejects.toThrow(
        /^Jobs Quick in jobs and Quick in \S*crons\/Quick\.ts have the same code 'host\.quick'/,
      );
      await expect(jobsOf(['./crons/*.ts', defined])).rejects.toThrow(
        /^Jobs Quick in \S*crons\/Quick\.ts and defineCronJob\(\) in jobs have the same code 'HOST\.quick'/,
      );
    });

    it('when a member throws, naming the job and its file', async () => {
      class Coded extends CronJobBase {
        readonly schedule = schedule;
        get code(): string {
          throw new TypeError('no such tenant');
        }
        do(): void {}
      }
      await expect(jobsOf([Coded])).rejects.toThrow(/^Job Coded in jobs: TypeError: no such tenant$/);
      await expect(jobsOf(['./throwing/Getter.ts'])).rejects.toThrow(
        /^Job Getter in \S*throwing\/Getter\.ts: RangeError: no such schedule$/,
      );
    });

    it.each([
      ['Hostile', /^Job file \S*throwing\/Hostile\.ts cannot be imported: Error: not for you$/],
      ['Common', /^Job file \S*throwing\/Common\.cjs cannot be imported: Error: not built yet$/],
    ])('when an export cannot be read, naming the file (%s)', async (name, message) => {
      await expect(jobsOf([`./throwing/${name}.*`])).rejects.toThrow(message);
    });

    it('when createJob does not answer in time, naming the class', async () => {
      const createJob = () => new Promise<CronJobBase>(() => undefined);
      await expect(jobsOf([Good], { createJob, connectTimeoutSeconds: 0.05 })).rejects.toThrow(
        /^Job Good in jobs cannot be built: it has not finished within 0\.05 s \(connectTimeoutSeconds\)/,
      );
    });

    it('when their schedule is only its options', async () => {
      class Plain extends Good {
        override readonly schedule = { runEveryMins: 5 } as never;
      }
      await expect(jobsOf([Plain])).rejects.toThrow(
        /^Job Plain in jobs: its schedule \{ runEveryMins: 5 \} is not a Schedule; write readonly schedule = new Schedule/,
      );
    });

    it('when they are only the base of others', async () => {
      abstract class Base extends CronJobBase {
        readonly schedule = schedule;
      }
      await expect(jobsOf([Base as never])).rejects.toThrow(
        /^Job Base in jobs: its code is missing; .* Is it the base of other jobs\? Then do not export it where jobs are found$/,
      );
    });

    it('when they have no schedule', async () => {
      class Timeless extends Good {
        override readonly schedule = undefined as never;
      }
      await expect(jobsOf([Timeless])).rejects.toThrow(
        /^Job Timeless in jobs: its schedule is missing; write readonly schedule = new Schedule/,
      );
    });

    it('when the constructor throws, naming the class', async () => {
      class Broken extends Good {
        constructor() {
          super();
          throw new Error('no such service');
        }
      }
      await expect(jobsOf([Broken])).rejects.toThrow(/^Job Broken in jobs cannot be built: no such service/);
    });

    it('when a glob finds nothing', async () => {
      await expect(jobsOf(['./nowhere/*.ts'])).rejects.toThrow(
        /'\.\/nowhere\/\*\.ts' finds no job .*0 files looked at/,
      );
    });

    it('when a class is no CronJobBase, as soon as cron() is called', () => {
      class Stranger {}
      expect(() => cron({ jobs: [Stranger as never] })).toThrow(
        'cron({ jobs }): [the function Stranger] is not allowed; it must be an array of job classes',
      );
    });
  });
});

describe('isolation in a process of its own', () => {
  const isolated = defineCronJob({ code: 'isolated', schedule, isolation: 'process', do: () => undefined });

  it('is refused where the database lives in this very process', async () => {
    const orm = await Sqlite.init({
      dbName: ':memory:',
      entities: cronEntities,
      extensions: [cron({ jobs: [isolated] })],
    });
    await expect(getCronRunner(orm).jobs()).rejects.toThrow(
      /isolation 'process' is not possible with the database ':memory:', which lives in this process alone; leave isolation out/,
    );
    await orm.close(true);
  });

  it('is allowed elsewhere', async () => {
    expect(await jobsOf([isolated])).toHaveLength(1);
  });
});

describe('a job is refused', () => {
  it.each<[object, string]>([
    [{ isolation: 'thread' }, `its isolation "thread" is not allowed; it must be 'none' or 'process'`],
    [
      { pings: { success: 'hc-ping.com/x' } },
      'its pings { success } is not allowed; it must be an object of http(s) URLs',
    ],
    [{ pings: { succes: 'https://hc-ping.com/x' } }, 'its pings { succes } is not allowed'],
    [{ minNumFailures: 0 }, 'its minNumFailures 0 is not allowed; it must be a whole number from 1'],
    [{ captureConsole: 'yes' }, 'its captureConsole "yes" is not allowed; it must be true or false'],
    [{ removeSuccessfulLogs: 1 }, 'its removeSuccessfulLogs 1 is not allowed'],
    [{ allowParallelRuns: 'no' }, 'its allowParallelRuns "no" is not allowed'],
  ])('with %o', async (options, message) => {
    await expect(jobsOf([defineCronJob({ code: 'a', schedule, do: () => undefined, ...options })])).rejects.toThrow(
      message,
    );
  });
});
