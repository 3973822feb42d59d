const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** A duration in words, in its two greatest units: '1 day, 2 hours', '5 minutes', '12 seconds'. */
export function humanDuration(millis: number): string {
  return inWords(millis, 2);
}

function inWords(millis: number, units: number): string {
  // Rounded to the smaller of the two units first, so that it never says '59 minutes, 60 seconds'.
  const exact = Math.round(Math.abs(millis) / 1_000);
  const smallest = exact >= 86_400 ? 3_600 : exact >= 3_600 ? 60 : 1;
  let seconds = Math.round(exact / smallest) * smallest;
  const parts: string[] = [];
  for (const [unit, length] of UNITS) {
    const count = Math.floor(seconds / length);
    seconds -= count * length;
    if (count > 0 && parts.length < units) {
      parts.push(`${count} ${unit}${count === 1 ? '' : 's'}`);
    }
  }
  return parts.join(', ') || 'less than a second';
}

/** An instant as seen from another: 'in 5 minutes', '1 day, 2 hours ago', 'now' within a second. Seconds matter to the next minute only. */
export function relativeTime(instant: Date, now: Date): string {
  const millis = instant.getTime() - now.getTime();
  if (Math.abs(millis) < 1_000) {
    return 'now';
  }
  const words = inWords(millis, Math.abs(millis) < 3_600_000 ? 1 : 2);
  return millis > 0 ? `in ${words}` : `${words} ago`;
}
