/** An instant on the wall clock of a zone: '2026-03-01 06:30:00'. */
export function localTimeText(instant: Date, timeZone: string, { withSeconds = true } = {}): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(instant);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find(found => found.type === type)?.value ?? '';
  const time = `${part('hour')}:${part('minute')}`;
  return `${part('year')}-${part('month')}-${part('day')} ${time}${withSeconds ? `:${part('second')}` : ''}`;
}
