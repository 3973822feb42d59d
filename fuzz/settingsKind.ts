import {
  cacheLock,
  cron,
  CronError,
  type CronSettings,
  defineCronJob,
  fileLock,
  memoryCache,
  redisCache,
  Schedule,
  webhookNotifier,
} from '../src/index.ts';
import type { Random } from '../trials/Random.ts';
import { answerOf, type Kind, SECRET, wrongWithLine } from './Fuzz.ts';
import { hostileText } from './hostileText.ts';

/** Whatever takes options, with the names it knows. */
const TAKERS = {
  cron: {
    take: (options: object) => cron({ jobs: [], ...copyOf(options) } as CronSettings),
    keys: [
      ...[
        'jobs',
        'jobsTs',
        'timeZone',
        'lock',
        'caches',
        'cacheName',
        'lockFilePath',
        'lockTimeSeconds',
        'mail',
        'notifiers',
      ],
      ...[
        'deleteLogsOlderThanDays',
        'removeSuccessfulLogs',
        'captureConsole',
        'logErrors',
        'describeError',
        'concurrency',
      ],
      ...[
        'timeoutSeconds',
        'connectTimeoutSeconds',
        'shutdownGraceSeconds',
        'clock',
        'createJob',
        'onJobStart',
        'onTickEnd',
      ],
    ],
  },
  cronAsGiven: {
    take: (options: object) => cron(options as CronSettings),
    keys: ['jobs', 'timeZone', 'mail', 'clock'],
  },
  mail: {
    take: (mail: object) => cron({ jobs: [], mail } as unknown as CronSettings),
    keys: ['transport', 'from', 'admins', 'subjectPrefix'],
  },
  schedule: {
    take: (options: object) => new Schedule(options),
    keys: [
      ...['runEveryMins', 'runAtTimes', 'cron', 'runWeeklyOnDays', 'runMonthlyOnDays', 'retryAfterFailureMins'],
      ...['runToleranceSeconds', 'timeZone', 'missedRuns', 'startingDeadlineMins'],
      ...['except', 'onExcluded', 'spreadMins', 'runsAfter'],
    ],
  },
  defineCronJob: {
    take: (options: object) => defineCronJob(options as never),
    keys: [
      'code',
      'schedule',
      'do',
      'tags',
      'timeoutSeconds',
      'lockTimeSeconds',
      'pings',
      'minNumFailures',
      'isolation',
      'enabled',
      'args',
    ],
  },
  webhookNotifier: {
    take: (options: object) => webhookNotifier(options as never),
    keys: ['url', 'headers', 'body', 'timeoutSeconds'],
  },
  cacheLock: { take: (options: object) => cacheLock(options), keys: ['cache', 'keyPrefix'] },
  fileLock: { take: (options: object) => fileLock(options), keys: ['directory', 'path'] },
  redisCache: { take: (options: object) => redisCache({ call: async () => null }, options), keys: ['timeoutSeconds'] },
} satisfies Record<string, { take: (options: object) => unknown; keys: string[] }>;

const names = Object.keys(TAKERS) as [keyof typeof TAKERS, ...(keyof typeof TAKERS)[]];

/** Settings and options of all kinds: taken, or refused in one line that a person understands and that holds no secret. */
export const settingsKind: Kind = {
  name: 'settings',
  async tryOne(random) {
    const name = random.pick(names);
    const { take, keys } = TAKERS[name];
    const [options, shown] = optionsOf(keys as [string, ...string[]], random);
    const answer = await answerOf(() => take(options as object));
    if (answer.isTaken) {
      return undefined;
    }
    const { error } = answer;
    const wrong =
      error instanceof CronError ? wrongWithLine(error.message) : `threw what is no CronError: ${String(error)}`;
    return wrong && `${name}(${shown}) ${wrong}: ${error instanceof Error ? JSON.stringify(error.message) : ''}`;
  },
};

/** What can be copied of it; what cannot is tried as it is by `cronAsGiven`. */
function copyOf(options: object): object {
  try {
    return { ...options };
  } catch {
    return {};
  }
}

const VALUES: readonly [string, (random: Random) => unknown][] = [
  ['undefined', () => undefined],
  ['null', () => null],
  ['NaN', () => NaN],
  ['-1', () => -1],
  ['0', () => 0],
  ['1', () => 1],
  ['5.5', () => 5.5],
  ['1e300', () => 1e300],
  ['-0', () => -0],
  ['10n', () => 10n],
  ['Symbol', () => Symbol('x')],
  ['true', () => true],
  ['empty text', () => ''],
  ['text', () => 'daily'],
  ['zone', () => 'Europe/Prague'],
  ['number as text', () => '300'],
  ['hostile text', random => hostileText(random)],
  ['long text', () => 'x'.repeat(50_000)],
  ['URL with a password', () => `https://user:${SECRET}@hooks.example.com/x?token=${SECRET}`],
  ['database URL', () => `postgresql://app:${SECRET}@db/app`],
  ['URL without slashes', () => `smtp:app:${SECRET}@mail.example.com`],
  ['broken URL', () => `http://u:${SECRET}@:x/`],
  ['list', random => [hostileText(random), 5]],
  ['sparse list', () => Array(3)],
  ['long list', () => Array.from({ length: 10_000 }, () => 'x')],
  ['nested list', () => [[[[[[]]]]]]],
  ['list of URLs', () => [`https://u:${SECRET}@h/`, 5]],
  ['{}', () => ({})],
  ['object of a URL', () => ({ url: `https://u:${SECRET}@h/`, password: SECRET })],
  ['circular', () => circular()],
  ['no prototype', () => Object.create(null)],
  ['function', () => () => undefined],
  ['class', () => class Odd {}],
  [
    'throwing getter',
    () => ({
      get url() {
        throw new Error(`no ${SECRET.length}`);
      },
    }),
  ],
  [
    'proxy that throws',
    () =>
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('trap');
          },
          ownKeys: () => {
            throw new Error('trap');
          },
        },
      ),
  ],
  [
    'toJSON that throws',
    () => ({
      toJSON() {
        throw new Error('json');
      },
    }),
  ],
  [
    'toString that throws',
    () => ({
      toString() {
        throw new Error('string');
      },
    }),
  ],
  ['date', () => new Date(NaN)],
  ['map', () => new Map([[1, 2]])],
  ['regular expression', () => /x/],
  ['promise', () => Promise.resolve(1)],
  ['Schedule', () => new Schedule({ runEveryMins: 5 })],
  ['memoryCache', () => memoryCache()],
  ['boxed', () => new Number(5)],
];

function circular(): object {
  const self: Record<string, unknown> = {};
  self['self'] = self;
  return self;
}

/** Options as a plain object, a class instance, by prototype or with getters; and in words. */
function optionsOf(keys: readonly [string, ...string[]], random: Random): [options: unknown, shown: string] {
  const value = () => random.pick(VALUES as [(typeof VALUES)[number], ...typeof VALUES]);
  if (random.chance(0.05)) {
    const [shown, make] = value();
    return [make(random), shown];
  }
  const entries = Array.from(
    { length: Math.floor(random.between(1, 5)) },
    () => [keyOf(keys, random), value()] as const,
  );
  const shown = entries.map(([key, [what]]) => `${JSON.stringify(key)}: ${what}`).join(', ');
  const form = random.weighted({ plain: 6, getters: 2, prototype: 1, frozen: 1 });
  const options: object = {};
  for (const [key, [, make]] of entries) {
    Object.defineProperty(options, key, {
      enumerable: true,
      configurable: true,
      ...(form === 'getters' ? { get: () => make(random) } : { value: make(random), writable: true }),
    });
  }
  const given: unknown =
    form === 'prototype' ? Object.create(options) : form === 'frozen' ? Object.freeze(options) : options;
  return [given, `${form} { ${shown} }`];
}

function keyOf(keys: readonly [string, ...string[]], random: Random): string {
  const key = random.pick(keys);
  return random.weighted({ known: 8, other: 1, hostile: 1 }) === 'known'
    ? key
    : random.chance(0.5)
      ? random.pick([
          key.toLowerCase(),
          `${key}s`,
          'constructor',
          'toString',
          '__proto__',
          'hasOwnProperty',
          'then',
          '0',
          '',
        ])
      : hostileText(random);
}
