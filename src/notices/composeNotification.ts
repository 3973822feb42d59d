import { stripVTControlCharacters } from 'node:util';
import type { CronNotification, DetailedNotice, NotifiedRun } from '../notify/Notifier.ts';
import { formatInstant } from '../schedule/LocalTime.ts';
import { describeMinutes, formatDuration } from '../util/durations.ts';

/** Puts all that a check found into one notification. Whatever stands in messages and codes, it stays text. */
export function composeNotification(
  notices: readonly DetailedNotice[],
  { now, timeZone }: { now: Date; timeZone: string },
): CronNotification {
  const sections = notices.map(notice => ({
    headline: clean(noticeHeadline(notice)).replaceAll(/\s+/g, ' '),
    facts: noticeFacts(notice, now, timeZone).map(([name, text]) => [name, clean(text)] as const),
    runsTitle: runsTitle(notice),
    runs: notice.runs.map(run => ({ line: runLine(run, timeZone), message: clean(run.message).trim() })),
  }));
  const text = sections
    .map(({ headline, facts, runsTitle: title, runs }) =>
      [
        headline,
        '',
        ...facts.map(([name, fact]) => `${`${name}:`.padEnd(14)} ${fact}`),
        ...(runs.length > 0 ? ['', title] : []),
        ...runs.flatMap(({ line, message }) => [`- ${line}`, ...(message === '' ? [] : [indent(message)])]),
      ].join('\n'),
    )
    .join(`\n\n${'-'.repeat(72)}\n\n`);
  const html = sections
    .map(({ headline, facts, runsTitle: title, runs }) =>
      [
        `<h2>${escape(headline)}</h2>`,
        '<table>',
        ...facts.map(([name, fact]) => `<tr><th align="left">${escape(name)}</th><td>${escape(fact)}</td></tr>`),
        '</table>',
        ...(runs.length > 0 ? [`<p>${escape(title)}</p>`, '<ul>'] : []),
        ...runs.map(({ line, message }) => `<li>${escape(line)}<pre>${escape(message)}</pre></li>`),
        ...(runs.length > 0 ? ['</ul>'] : []),
      ].join('\n'),
    )
    .join('\n<hr>\n');
  return {
    subject: clean(notificationSubject(notices)).replaceAll(/\s+/g, ' '),
    text: `${text}\n`,
    html: `<!doctype html>\n<html><body>\n${html}\n</body></html>\n`,
    notices,
    now,
  };
}

function runsTitle({ failures, runs }: DetailedNotice): string {
  return failures > runs.length
    ? `The newest ${runs.length} of ${failures} failed runs:`
    : 'The failed runs, newest first:';
}

function runLine({ startTime, status, durationMillis, host }: NotifiedRun, timeZone: string): string {
  const took = durationMillis === null ? '' : ` after ${formatDuration(durationMillis)}`;
  return clean(`${formatInstant(startTime, timeZone)}  ${status.replace('_', ' ')}${took} on ${host}`);
}

/** Without terminal colours and other control characters, which mail programs show as rubbish or choke on. */
function clean(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll('\r\n', '\n')
    .replaceAll(/[^\P{Cc}\n\t]/gu, ' ')
    .toWellFormed();
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '    ');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, character => entities[character]!);
}

/** What one wants to know of a noticed job, as pairs of a name and a text. */
export function noticeFacts(notice: DetailedNotice, now: Date, timeZone: string): [name: string, text: string][] {
  const at = (date: Date) => formatInstant(date, timeZone);
  const ago = (date: Date) => `${at(date)} (${describeMinutes((now.getTime() - date.getTime()) / 60_000)} ago)`;
  const { kind, since, lastSuccess, expectedAt, nextRun, schedule, code } = notice;
  const facts: [string, string | null][] = [
    ['Schedule', schedule],
    ['Expected', expectedAt && ago(expectedAt)],
    [kind === 'recovered' ? 'Problem since' : 'Failing since', kind === 'overdue' || !since ? null : ago(since)],
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

/** A notice in one line, as in the subject of a mail. */
export function noticeHeadline({ code, kind, isReminder, failures }: DetailedNotice): string {
  switch (kind) {
    case 'failing':
      return isReminder ? `${code} is still failing` : `${code} failed ${times(failures)} in a row!`;
    case 'burst':
      return `${code} failed ${times(failures)} in a row, and has succeeded since`;
    case 'overdue':
      return `${code} is ${isReminder ? 'still ' : ''}overdue`;
    case 'recovered':
      return `${code} has recovered`;
  }
}

/** The subject for all notices of a check. */
export function notificationSubject(notices: readonly DetailedNotice[]): string {
  const [only] = notices;
  if (only && notices.length === 1) {
    return noticeHeadline(only);
  }
  const parts = (
    [
      ['failing', ['failing', 'burst']],
      ['overdue', ['overdue']],
      ['recovered', ['recovered']],
    ] as const
  ).flatMap(([word, kinds]) => {
    const codes = notices.filter(({ kind }) => (kinds as readonly string[]).includes(kind)).map(({ code }) => code);
    return codes.length > 0 ? [`${codes.length} ${word} (${shortList(codes)})`] : [];
  });
  return `${notices.length} jobs: ${parts.join(', ')}`;
}

function times(count: number): string {
  return count === 1 ? '1 time' : `${count} times`;
}

function shortList(codes: readonly string[]): string {
  return codes.length <= 3 ? codes.join(', ') : `${codes.slice(0, 3).join(', ')} and ${codes.length - 3} more`;
}
