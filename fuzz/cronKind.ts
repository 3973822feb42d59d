import { CronScheduleError, isDue, nextRun, Schedule } from '../src/index.ts';
import type { Random } from '../trials/Random.ts';
import { slotsByMinutes } from './cronOracle.ts';
import { answerOf, type Kind, wrongWithLine } from './Fuzz.ts';
import { hostileText } from './hostileText.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const ZONES = [
  ...[
    'UTC',
    'Europe/Prague',
    'Europe/London',
    'America/New_York',
    'America/St_Johns',
    'America/Santiago',
    'America/Havana',
  ],
  ...['Africa/Cairo', 'Africa/Casablanca', 'Asia/Kathmandu', 'Asia/Beirut', 'Asia/Gaza', 'Australia/Lord_Howe'],
  ...['Pacific/Chatham', 'Pacific/Kiritimati', 'Pacific/Apia', 'Antarctica/Troll', 'America/Asuncion', 'Asia/Tehran'],
] as [string, ...string[]];

/** Nights in which clocks change in some of these zones. */
const NIGHTS = [
  ...['2026-03-08T06:00Z', '2026-03-29T00:00Z', '2026-10-25T00:00Z', '2026-11-01T05:00Z', '2026-04-04T14:00Z'],
  ...['2026-10-03T14:00Z', '2026-09-06T03:00Z', '2026-04-05T03:00Z', '2026-04-23T21:00Z', '2026-10-29T20:00Z'],
  ...['2026-03-28T21:00Z', '2026-02-15T01:00Z', '2026-03-22T01:00Z', '2026-09-26T13:00Z', '2028-02-28T22:00Z'],
] as [string, ...string[]];

/** Crontab expressions: slots against minute-by-minute matching, words, and refusals. */
export const cronKind: Kind = {
  name: 'cron expressions',
  async tryOne(random) {
    return random.chance(0.25) ? tryWrong(random) : trySlots(random);
  },
};

async function tryWrong(random: Random): Promise<string | undefined> {
  const expression = spoil(expressionOf(random), random);
  const answer = await answerOf(() => {
    const schedule = new Schedule({ cron: expression });
    const wrong = wrongWithLine(schedule.describe());
    if (wrong) {
      throw new Error(`its words ${wrong}`);
    }
    nextRun(schedule, NOTHING, new Date(Date.UTC(2026, 0, 1)), 'UTC');
  });
  if (answer.isTaken) {
    return undefined;
  }
  const { error } = answer;
  const wrong = error instanceof CronScheduleError ? wrongWithLine(error.message) : `threw ${String(error)}`;
  return wrong && `${JSON.stringify(expression)} ${wrong}: ${String(error)}`;
}

function trySlots(random: Random): string | undefined {
  const expression = expressionOf(random);
  const timeZone = random.pick(ZONES);
  const middle = random.chance(0.7)
    ? Date.parse(random.pick(NIGHTS))
    : Date.UTC(2024, 0, 1) + Math.floor(random.between(0, 6 * 365 * 24)) * HOUR;
  const from = middle - Math.floor(random.between(1, 16)) * HOUR + Math.floor(random.between(0, 60)) * MINUTE;
  const to = middle + Math.floor(random.between(1, 16)) * HOUR;
  const about = `${expression} in ${timeZone} from ${iso(from)} to ${iso(to)}`;

  const expected = slotsByMinutes(expression, timeZone, from + MINUTE, to);
  const found = slotsByPackage(expression, timeZone, from, to);
  const length = Math.max(expected.length, found.length);
  const at = Array.from({ length }, (_, index) => index).find(index => expected[index] !== found[index]);
  const other = at === undefined ? undefined : Math.min(expected[at] ?? Infinity, found[at] ?? Infinity);
  if (other !== undefined) {
    return `${about}: ${iso(other)} is ${found.includes(other) ? 'a slot, and none minute by minute' : 'no slot, but one minute by minute'}`;
  }

  const history = { ...NOTHING, lastServedSlot: new Date(from) };
  for (const [missedRuns, slot] of [
    ['once', expected.at(-1)],
    ['each', expected[0]],
  ] as const) {
    const schedule = new Schedule({ cron: expression, missedRuns, startingDeadlineMins: (to - from) / MINUTE });
    const { due, scheduledFor } = isDue(schedule, history, new Date(to), timeZone);
    if (due !== (slot !== undefined) || scheduledFor?.getTime() !== slot) {
      return `${about}: missedRuns '${missedRuns}' serves ${String(scheduledFor?.toISOString())}, minute by minute ${slot === undefined ? 'none' : iso(slot)}`;
    }
  }
  const words = new Schedule({ cron: expression }).describe();
  const [, , monthDay, , weekday] = expression.split(' ');
  const isEither = ![monthDay, weekday].some(field => field === '*' || field === '?');
  if (isEither && !words.includes(' or ') && !words.startsWith('cron ')) {
    return `${expression}: either day is enough, but it is called '${words}'`;
  }
  return wrongWithLine(words) && `${expression}: its words are ${JSON.stringify(words)}`;
}

const NOTHING = { lastRun: null, lastSuccessStart: null, lastServedSlot: null };

function slotsByPackage(expression: string, timeZone: string, from: number, to: number): number[] {
  const schedule = new Schedule({ cron: expression, missedRuns: 'each' });
  const slots: number[] = [];
  for (let at = from; ;) {
    const lastServedSlot = new Date(at);
    const next = nextRun(schedule, { ...NOTHING, lastServedSlot }, lastServedSlot, timeZone)?.getTime() ?? Infinity;
    if (next > to) {
      return slots;
    }
    slots.push(next);
    at = next;
  }
}

function expressionOf(random: Random): string {
  return [
    field(random, 0, 59),
    random.chance(0.25) ? everyHour(random) : field(random, 0, 23),
    random.chance(0.5) ? '*' : random.chance(0.15) ? 'L' : field(random, 1, 31),
    random.chance(0.7)
      ? '*'
      : field(random, 1, 12, ['jan', 'FEB', 'mar', 'apr', 'may', 'jun', 'jul', 'Aug', 'sep', 'oct', 'nov', 'dec']),
    // Refused, since crons differ on it.
    random.chance(0.5) ? '*' : weekdays(random).replaceAll(/(?<!\w)(?:sun|0)-sun(?!\w)/gi, 'sun'),
  ].join(' ');
}

function everyHour(random: Random): string {
  return random.pick(['*', '?', '*/1', '0-23', '0-11,12-23', '0-23/2,1-23/2', '0,1-23', '*/2,1-23/2']);
}

function weekdays(random: Random): string {
  const day = random.pick(['0', '1', '5', 'sun', 'Tue', 'sat']);
  return random.chance(0.2)
    ? `${day}#${Math.floor(random.between(1, 6))}`
    : random.chance(0.1)
      ? `${day}L`
      : field(random, 0, 7, ['sun', 'mon', 'TUE', 'wed', 'thu', 'fri', 'sat']);
}

function field(random: Random, low: number, high: number, names: readonly string[] = []): string {
  const number = () => Math.floor(random.between(low, high + 1));
  const shown = (n: number) =>
    random.chance(0.5) ? (names[n - (names.length === 12 ? 1 : 0)] ?? String(n)) : String(n);
  const part = (): string => {
    const [a, b] = [number(), number()].toSorted((x, y) => x - y) as [number, number];
    const step = Math.floor(random.between(1, Math.max(2, (high - low) / 2)));
    return {
      one: () => shown(a),
      range: () => `${shown(a)}-${shown(b)}`,
      step: () => `*/${step}`,
      both: () => `${a}-${b}/${Math.max(1, Math.min(step, b - a))}`,
    }[random.weighted({ one: 4, range: 2, step: 2, both: 1 })]();
  };
  if (random.chance(0.15)) {
    return random.chance(0.8) ? '*' : '?';
  }
  return Array.from({ length: random.chance(0.7) ? 1 : Math.floor(random.between(2, 5)) }, part).join(',');
}

function spoil(expression: string, random: Random): string {
  const at = Math.floor(random.between(0, expression.length + 1));
  const kept = Math.floor(random.between(at, Math.min(expression.length, at + 3) + 1));
  const inserted = random.chance(0.5)
    ? hostileText(random)
    : random.pick([
        '99',
        '-1',
        '*/0',
        '/',
        ',',
        '-',
        'LW',
        '#6',
        '15W',
        ' ',
        '  ',
        '@',
        '1e3',
        '+',
        '5L',
        'L-3',
        '0x1',
        '٣',
        '?',
        '*',
        'W',
        '~',
        'H',
      ]);
  return expression.slice(0, at) + inserted + expression.slice(kept);
}

function iso(instant: number): string {
  return new Date(instant).toISOString();
}
