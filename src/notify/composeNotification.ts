import type { DetailedNotice, NotifiedRun } from './Notice.ts';
import { noticeFacts } from './noticeFacts.ts';
import { noticeHeadline, notificationSubject } from './noticeHeadline.ts';
import type { CronNotification } from './Notifier.ts';
import { formatDuration } from '../util/durations.ts';
import { formatInstant } from '../schedule/LocalTime.ts';
import { stripVTControlCharacters } from 'node:util';

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
