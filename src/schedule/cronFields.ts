import { Cron } from 'croner';

/** The fields of a crontab expression, in order. */
const FIELDS = [
  { name: 'minute', allowed: '0 to 59' },
  { name: 'hour', allowed: '0 to 23' },
  { name: 'day of the month', allowed: "1 to 31, 'L' or '15W'" },
  { name: 'month', allowed: "1 to 12 or 'jan' to 'dec'" },
  { name: 'day of the week', allowed: "0 to 7 or 'sun' to 'sat', 'mon#1', 'friL'" },
] as const;

const EVERY_DAY = Date.UTC(2026, 0, 1);

/** Hours of a day, by the field that names them: hosts write few different ones. */
const everyHour = new Map<string, boolean>([['*', true]]);

/**
 * Whether an expression matches every hour of the day, however that is written: '*', '?', '*\/1', '0-23', a list of all.
 * Such a one counts real time, which has no gaps and nothing twice.
 *
 * @param expression one that is allowed
 */
export function matchesEveryHour(expression: string): boolean {
  const [, hour, ...rest] = expression.split(/\s+/);
  if (hour === undefined || rest.length === 0) {
    return expression.toLowerCase() === '@hourly';
  }
  let known = everyHour.get(hour);
  if (known === undefined) {
    const runs = new Cron(`0 ${hour} * * *`, { timezone: 'UTC', mode: '5-part', paused: true }).nextRuns(
      24,
      new Date(EVERY_DAY - 1_000),
    );
    known = runs.length === 24 && runs.every((run, index) => run.getTime() === EVERY_DAY + index * 3_600_000);
    everyHour.set(hour, known);
  }
  return known;
}

/** Whether an expression restricts both the day of the month and the day of the week: a day that matches either is meant. */
export function isEitherDay(expression: string): boolean {
  const [, , monthDay = '*', , weekday = '*'] = expression.split(/\s+/);
  return ![monthDay, weekday].some(field => field === '*' || field === '?');
}

/**
 * croner takes a date such as '2026-06-01T06:00' as well, and then runs a job once or never.
 *
 * @throws Error when an expression is neither a nickname nor fields of what crontabs know.
 */
export function checkForm(expression: string): void {
  if (!/^@[a-z]+$/i.test(expression) && !expression.split(/\s+/).every(field => /^[\w*?,/#+-]+$/.test(field))) {
    throw new Error('it has characters that no field may have');
  }
  // Every day to croner, Sunday alone to crontabs.
  if (/(?<![\w-])(?:sun|0)-sun(?!\w)/i.test(expression)) {
    throw new Error("a range from Sunday to 'sun' means different days to different crons; write sun, or *");
  }
}

/** Which field of an expression is wrong, with its value as typed; `undefined` when it is no single one. */
export function wrongField(expression: string): string | undefined {
  const fields = expression.split(/\s+/);
  if (fields.length !== FIELDS.length) {
    return undefined;
  }
  const index = fields.findIndex((field, at) => !isAllowed(field, at));
  const field = FIELDS[index];
  if (!field) {
    return undefined;
  }
  const typed = fields[index]!;
  const part = typed.split(',').find(piece => !isAllowed(piece, index)) ?? typed;
  const within = part === typed ? '' : ` in '${typed}'`;
  return `'${part}'${within} is not a valid ${field.name}: it must be ${field.allowed}, with lists, ranges and steps such as '*/5'`;
}

function isAllowed(field: string, at: number): boolean {
  try {
    checkForm(field);
    new Cron(FIELDS.map((_, index) => (index === at ? field : '*')).join(' '), { mode: '5-part', paused: true });
    return true;
  } catch {
    return false;
  }
}
