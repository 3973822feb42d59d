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
