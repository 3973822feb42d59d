import { Console } from 'node:console';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CronSettings, defineCronJob, type JobPings, Schedule } from '../../src/index.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { createTestHost, recordEvents } from '../helpers/host.ts';
import { until } from '../helpers/until.ts';

const schedule = new Schedule({ runEveryMins: 0 });
const ok = (options: object = {}) => defineCronJob({ code: 'ok', schedule, do: () => 'fine', ...options });
const failing = (options: object = {}) =>
  defineCronJob({
    code: 'failing',
    schedule,
    do: () => {
      throw new Error('the disk is full');
    },
    ...options,
  });

describe('who hears of a tick', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  beforeEach(async () => {
    await database.sql('truncate cron_job_log, cron_job_lock');
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
  });

  const messages = async () =>
    (await database.sql<{ message: string }>('select message from cron_job_log order by id')).map(
      ({ message }) => message,
    );

  describe('hooks of the settings', () => {
    it('hear of start, success, failure and end', async () => {
      const heard: unknown[] = [];
      await using app = await createTestHost(database, {
        jobs: [ok(), failing()],
        onJobStart: ({ job, log }) => heard.push(['start', job.code, log.status]),
        onJobSuccess: ({ job, log }) => heard.push(['success', job.code, log?.message]),
        onJobFailure: ({ job, outcome, error }) => heard.push(['failure', job.code, outcome, String(error)]),
        onTickEnd: ({ jobs }) => heard.push(['end', jobs.length]),
      });
      await app.runner.run();
      expect(heard).toEqual([
        ['start', 'ok', 'running'],
        ['success', 'ok', 'fine'],
        ['start', 'failing', 'running'],
        ['failure', 'failing', 'failed', 'Error: the disk is full'],
        ['end', 2],
      ]);
    });

    it('hear of a run that was abandoned by a process that died', async () => {
      await database.sql(
        `insert into cron_job_log (code, start_time, status, message, host, pid) values ('ok', now() - interval '1 hour', 'running', 'half way', 'web-1', 1)`,
      );
      const heard: unknown[] = [];
      await using app = await createTestHost(database, {
        jobs: [ok()],
        onJobFailure: ({ outcome, log, reason }) => heard.push([outcome, log?.host, reason.split('\n')[0]]),
      });
      await app.runner.run();
      expect(heard).toEqual([['abandoned', 'web-1', 'half way']]);
    });

    it('are waited for at the end of the tick, and what they throw is told', async () => {
      let hasHeard = false;
      const { onEvent, events } = recordEvents();
      await using app = await createTestHost(database, {
        jobs: [ok()],
        onJobStart: async () => {
          throw new Error('Slack is down');
        },
        onTickEnd: async () => {
          await new Promise(resolve => setImmediate(resolve));
          hasHeard = true;
        },
      });
      const { jobs } = await app.runner.run({ onEvent });
      expect(hasHeard).toBe(true);
      expect(jobs[0]?.outcome).toBe('succeeded');
      expect(events.find(({ type }) => type === 'warning')).toMatchObject({
        message: "a listener failed at 'jobStarted': Slack is down",
      });
    });
  });

  describe("MikroORM's logger", () => {
    const loggedBy = async (settings: Partial<CronSettings>, debug: boolean) => {
      const lines: string[] = [];
      await using app = await createTestHost(
        database,
        { jobs: [ok(), failing()], ...settings },
        { debug, logger: message => void lines.push(message) },
      );
      lines.length = 0;
      await app.runner.run();
      return lines.filter(line => line.startsWith('[cron]'));
    };

    it('hears of failures whatever its debug mode, when the host asks for it', async () => {
      expect(await loggedBy({ logErrors: true }, false)).toEqual([
        expect.stringMatching(/^\[cron\] failing, run \d+ failed: Error: the disk is full/),
      ]);
    });

    it('hears of nothing by default, and of every run in debug mode', async () => {
      expect(await loggedBy({}, false)).toEqual([]);
      expect(await loggedBy({}, true)).toEqual([
        expect.stringMatching(/^\[cron\] ok started, run \d+$/),
        expect.stringMatching(/^\[cron\] ok, run \d+ succeeded: /),
        expect.stringMatching(/^\[cron\] failing started/),
        expect.stringMatching(/^\[cron\] failing, run \d+ failed: Error: the disk is full/),
      ]);
    });
  });

  describe('pings', () => {
    /** A monitor that notes what it is asked for, and answers with a status or not at all. */
    async function monitor(status: number | 'never') {
      const asked: string[] = [];
      const server = createServer((request, response) => {
        asked.push(`${request.method} ${request.url}`);
        if (status !== 'never') {
          response.writeHead(status).end('OK');
        }
      });
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
      const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const pings: JobPings = {
        start: `${base}/secret/start`,
        success: `${base}/secret`,
        failure: `${base}/secret/fail`,
      };
      return {
        asked,
        base,
        pings,
        async [Symbol.asyncDispose]() {
          server.closeAllConnections();
          await new Promise(resolve => server.close(resolve));
        },
      };
    }

    it('tell a monitor of start, success and failure', async () => {
      await using to = await monitor(200);
      await using app = await createTestHost(database, {
        jobs: [ok({ pings: to.pings }), failing({ pings: to.pings })],
      });
      await app.runner.run();
      expect(to.asked.sort()).toEqual(['GET /secret', 'GET /secret/fail', 'GET /secret/start', 'GET /secret/start']);
    });

    it('that fail are told without the URL’s secret, and change no run', async () => {
      await using to = await monitor(500);
      const { onEvent, events } = recordEvents();
      await using app = await createTestHost(database, { jobs: [ok({ pings: { success: to.pings.success } })] });
      const { jobs } = await app.runner.run({ onEvent });
      expect(jobs[0]?.outcome).toBe('succeeded');
      expect(events.filter(({ type }) => type === 'warning')).toEqual([
        expect.objectContaining({
          message: `a listener failed at 'jobDone': Job ok: its success ping to ${to.base} failed: it answered 500`,
        }),
      ]);
    });

    it('do not keep a job waiting for a monitor that never answers', async () => {
      await using to = await monitor('never');
      let hasRun = false;
      const job = ok({ pings: to.pings, do: () => (hasRun = true) });
      await using app = await createTestHost(database, { jobs: [job] });
      const tick = app.runner.run();
      await until('the job is logged', async () => (await messages()).includes('true'));
      expect(hasRun).toBe(true);
      await tick;
    });
  });

  describe('the message of a running row', () => {
    it('gets written lines as they come', async () => {
      const end = Promise.withResolvers<string>();
      const job = ok({
        do: ({ write }: { write(line: string): void }) => {
          write('begun');
          write('half way');
          return end.promise;
        },
      });
      await using app = await createTestHost(database, { jobs: [job] });
      const tick = app.runner.run();
      await until('the lines are there', async () => (await messages())[0] === 'begun\nhalf way');
      end.resolve('done');
      await tick;
      expect(await messages()).toEqual(['begun\nhalf way\ndone']);
    });

    it('gets what jobs print, each its own, when the host asks for it', async () => {
      // Node's own console: the test runner has put another in its place.
      const print = new Console(process.stdout, process.stderr);
      const talking = (code: string) =>
        defineCronJob({
          code,
          schedule,
          captureConsole: true,
          do: async ({ progress }) => {
            print.log(`${code} says`);
            await new Promise(resolve => setImmediate(resolve));
            print.error({ code });
            progress(1);
            process.stdout.write('no line end');
          },
        });
      let printed = '';
      const original = process.stdout.write;
      const spy: typeof process.stdout.write = (chunk: string | Uint8Array) => {
        printed += String(chunk);
        return true;
      };
      process.stdout.write = spy;
      try {
        await using app = await createTestHost(database, { jobs: [talking('a'), talking('b')], concurrency: 2 });
        await app.runner.run({
          onEvent: ({ type }) => {
            if (type === 'progress') {
              process.stdout.write('the reporter speaks\n');
            }
          },
        });
        expect(process.stdout.write).toBe(spy);
      } finally {
        process.stdout.write = original;
      }
      expect((await messages()).sort()).toEqual([
        `a says\n{ code: 'a' }\nno line end`,
        `b says\n{ code: 'b' }\nno line end`,
      ]);
      expect(printed).toBe('the reporter speaks\nthe reporter speaks\n');
    });
  });
});
