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

const SHORT_UNITS = [
  ['d', 24 * 60],
  ['h', 60],
  ['min', 1],
] as const;

/** A number of minutes in its two greatest units: '2 h', '1 d 3 h', '5 min'; '30 s' below a minute. */
export function describeMinutes(minutes: number): string {
  if (minutes < 1) {
    return `${Math.max(1, Math.round(minutes * 60))} s`;
  }
  let rest = Math.round(minutes);
  const parts: string[] = [];
  for (const [unit, length] of SHORT_UNITS) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0 && parts.length < 2) {
      parts.push(`${count} ${unit}`);
    }
  }
  return parts.join(' ');
}

/** A duration for people, in the unit that tells most: `12 ms`, `1.2 s`, `3 min 5 s`, `2 h 10 min`. */
export function formatDuration(millis: number): string {
  if (millis < 999.5) {
    return `${Math.round(millis)} ms`;
  }
  const seconds = Math.round(millis / 100) / 10;
  if (seconds < 60) {
    return `${seconds} s`;
  }
  const whole = Math.round(millis / 1000);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${whole % 60} s`;
}
