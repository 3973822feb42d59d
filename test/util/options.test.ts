import { describe, expect, it } from 'vitest';
import { cron, type CronSettings, defineCronJob, Schedule, webhookNotifier } from '../../src/index.ts';
import { resolveSettings } from '../../src/settings/resolveSettings.ts';

const schedule = new Schedule({ runEveryMins: 5 });
const job = { code: 'a.b', schedule, do: () => undefined };
const mail = { transport: 'smtp://localhost', from: 'cron@example.com', admins: ['ops@example.com'] };

/** Every door for options, with options that it takes. */
const doors: [string, Record<string, unknown>, (options: never) => unknown][] = [
  ['cron()', { jobs: [] }, (options: CronSettings) => cron(options)],
  ['cron({ mail })', mail, options => cron({ jobs: [], mail: options })],
  ['new Schedule()', { runEveryMins: 5 }, options => new Schedule(options)],
  ['defineCronJob()', job, options => defineCronJob(options)],
  ['webhookNotifier()', { name: 'a' }, options => webhookNotifier('https://example.com', options)],
];

const strangers = ['constructor', 'toString', 'hasOwnProperty', 'valueOf', 'nope', 'timeout', 'NAME ', ''];

describe.each(doors)('%s', (_, valid, open) => {
  const call = (options: unknown) => () => open(options as never);

  it('takes what is allowed, also from an instance of a class, getters and a prototype', () => {
    class Options {
      constructor() {
        Object.assign(this, valid);
      }
      helper() {
        return 1;
      }
    }
    const getters = Object.defineProperties(
      {},
      Object.fromEntries(Object.entries(valid).map(([key, value]) => [key, { get: () => value, enumerable: true }])),
    );
    for (const options of [valid, new Options(), getters, Object.create(valid), { __proto__: null, ...valid }]) {
      expect(call(options)).not.toThrow();
    }
  });

  it.each(strangers)('refuses the unknown option %j, wherever it stands', key => {
    const own = { ...valid, [key]: 1 };
    expect(call(own)).toThrow(/there is no (?:such setting|option|such option)/);
    expect(call(Object.create(own))).toThrow(/there is no /);
    const getter = { ...valid };
    Object.defineProperty(getter, key, { get: () => 1, enumerable: true });
    expect(call(getter)).toThrow(/there is no /);
  });

  it('refuses __proto__ as a key of JSON', () => {
    expect(call(Object.defineProperty({ ...valid }, '__proto__', { value: 1, enumerable: true }))).toThrow(
      /__proto__.*there are /,
    );
  });

  it('reads every option once', () => {
    const reads: string[] = [];
    const watched = new Proxy(valid, {
      get: (target, key) => {
        reads.push(String(key));
        return target[String(key)];
      },
    });
    call(watched)();
    expect(reads).toEqual([...new Set(reads)]);
  });

  it('names an option whose getter throws', () => {
    const [key] = Object.keys(valid) as [string];
    const hostile = Object.defineProperty({ ...valid }, key, {
      enumerable: true,
      get() {
        throw new Error('no\nway');
      },
    });
    expect(call(hostile)).toThrow(new RegExp(`${key}.* cannot be read: no way$`));
  });

  it.each([null, undefined, 5, 'text', [], Symbol('s')])('refuses %s instead of options', options => {
    // These two doors may be left without options.
    const isOptional = options === undefined && ('name' in valid || 'admins' in valid);
    const refused = expect(call(options));
    (isOptional ? refused.not : refused).toThrow(/^(?:cron|Schedule|defineCronJob|webhookNotifier)/);
  });
});

describe('values', () => {
  it('in lists with holes are refused', () => {
    // oxlint-disable-next-line no-sparse-arrays
    const sparse = <T>(item: T) => [, item] as T[];
    expect(() => cron({ jobs: sparse('jobs/*.ts') })).toThrow(/\[undefined, "jobs/);
    expect(() => new Schedule({ runAtTimes: sparse('06:30') })).toThrow(/\[undefined, "06:30"\] is not allowed/);
    expect(() => cron({ jobs: [], mail: { ...mail, admins: sparse('a@b') } })).toThrow(/is not allowed/);
    expect(() => cron({ jobs: [], notifiers: sparse(webhookNotifier('https://example.com')) })).toThrow(/item 0/);
  });

  it('are shown in one line of bounded length, without hidden characters', () => {
    const shown = (timeZone: unknown) => {
      try {
        cron({ jobs: [], timeZone: timeZone as string });
      } catch (error) {
        return (error as Error).message;
      }
      throw new Error('it was taken');
    };
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    const hostile = [
      'x'.repeat(1e6),
      'a\nb\u001b[31m\u009b\u202e\u2028',
      Array.from({ length: 1e5 }, (_, index) => index),
      Object.fromEntries(Array.from({ length: 1e4 }, (_, index) => [`\u001b${index}`, index])),
      cyclic,
      Object.defineProperty(() => 1, 'name', { value: '\u001b'.repeat(1e5) }),
      {
        get a() {
          throw new Error('no');
        },
      },
      new Proxy([], {
        get() {
          throw new Error('no');
        },
      }),
      10n ** 500n,
    ];
    for (const value of hostile) {
      expect(shown(value)).toMatch(/^cron\(\{ timeZone \}\): [^\p{Cc}\u2028\u202e]{1,400}$/u);
    }
  });

  it('that are lists cannot be changed afterwards', () => {
    const jobs = ['a/*.ts'];
    const resolved = resolveSettings({ jobs });
    jobs.push('');
    expect(resolved.jobs).toEqual(['a/*.ts']);
  });

  it('called like a member of every object are none: caches', () => {
    expect(resolveSettings({ jobs: [], cacheName: 'constructor' }).caches['constructor']).toBe(undefined);
  });
});

describe('a job definition', () => {
  it('with an option that is undefined has its default', () => {
    expect(defineCronJob({ ...job, minNumFailures: undefined as never }).minNumFailures).toBe(10);
  });

  it('keeps its own this', () => {
    const definition = { ...job, word: 'x', do: () => undefined as unknown };
    const { word: _, ...known } = definition;
    const own = Object.assign(known, {
      do(this: unknown) {
        return this;
      },
    });
    expect(defineCronJob(own).do({} as never)).toBe(own);
  });
});
