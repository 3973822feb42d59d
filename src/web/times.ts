import { localTimeText } from '../schedule/LocalTime.ts';
import { describeMinutes } from '../util/durations.ts';
import { html, type Html } from './html.ts';

/** The instant of a page, and on whose wall clock it shows times unless a job has another. */
export interface PageTime {
  readonly now: Date;
  readonly timeZone: string;
}

/** How long ago or until: '5 min ago', 'in 2 h 10 min'; 'now' within a second. */
export function relative(instant: Date, now: Date): string {
  const millis = instant.getTime() - now.getTime();
  if (Math.abs(millis) < 1_000) {
    return 'now';
  }
  const span = describeMinutes(Math.abs(millis) / 60_000);
  return millis > 0 ? `in ${span}` : `${span} ago`;
}

/** A time on the wall clock of a zone, without the date where that is today's: '14:05:12', '2026-03-01 14:05:12'. */
export function wallClock(instant: Date, { now, timeZone }: PageTime, { withSeconds = true } = {}): string {
  const text = localTimeText(instant, timeZone, { withSeconds });
  return text.slice(0, 10) === localTimeText(now, timeZone).slice(0, 10) ? text.slice(11) : text;
}

/** A `<time>` that shows how far away an instant is; the browser adds its own zone's time on hover. */
export function relativeTime(instant: Date, time: PageTime): Html {
  return timeElement(instant, relative(instant, time.now), time.timeZone);
}

/** A `<time>` that shows the wall clock of the zone. */
export function clockTime(instant: Date, time: PageTime, options: { readonly withSeconds?: boolean } = {}): Html {
  return timeElement(instant, wallClock(instant, time, options), time.timeZone);
}

/** Both, the distance first. */
export function fullTime(instant: Date, time: PageTime): Html {
  return html`${relativeTime(instant, time)} <span class="soft">${clockTime(instant, time)}</span>`;
}

function timeElement(instant: Date, shown: string, timeZone: string): Html {
  const title = `${localTimeText(instant, timeZone)} ${timeZone}`;
  return html`<time datetime="${instant.toISOString()}" title="${title}">${shown}</time>`;
}
