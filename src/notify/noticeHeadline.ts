import type { DetailedNotice } from './Notice.ts';

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
