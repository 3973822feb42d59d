import { describeMinutes } from '../util/durations.ts';
import { formatInstant } from '../schedule/LocalTime.ts';
import type { DetailedNotice } from './Notice.ts';

/** What one wants to know of a noticed job, as pairs of a name and a text. */
export function noticeFacts(notice: DetailedNotice, now: Date, timeZone: string): [name: string, text: string][] {
  const at = (date: Date) => formatInstant(date, timeZone);
  const ago = (date: Date) => `${at(date)} (${describeMinutes((now.getTime() - date.getTime()) / 60_000)} ago)`;
  const { kind, since, lastSuccess, expectedAt, nextRun, schedule, code } = notice;
  const facts: [string, string | null][] = [
    ['Schedule', schedule],
    ['Expected', expectedAt && ago(expectedAt)],
    [kind === 'recovered' ? 'Trouble since' : 'Failing since', kind === 'overdue' || !since ? null : ago(since)],
    [
      kind === 'recovered' || kind === 'burst' ? 'Succeeded' : 'Last success',
      lastSuccess ? ago(lastSuccess) : 'none in the log',
    ],
    ['Next run', nextRunInWords(nextRun, now, at)],
    ['See more', `npx mikro-orm-cron cron:log --code ${shellWord(code)}`],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== null);
}

function nextRunInWords(nextRun: Date | null, now: Date, at: (date: Date) => string): string {
  if (nextRun === null) {
    return 'never, by its schedule';
  }
  const minutes = (nextRun.getTime() - now.getTime()) / 60_000;
  return minutes <= 0 ? 'at the next tick' : `${at(nextRun)} (in ${describeMinutes(minutes)})`;
}

/** A code as a shell takes it for one word and nothing else: it will be copied from the mail and run. */
function shellWord(code: string): string {
  return /^[\w.:@%+,/-]+$/.test(code) ? code : `'${code.replaceAll("'", String.raw`'\''`)}'`;
}
