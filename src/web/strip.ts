import type { StripRun } from '../history/readStrips.ts';
import { formatDuration } from '../util/durations.ts';
import { html, type Html } from './html.ts';
import { lookOf, tookMillis } from './status.ts';

/** Runs of a strip. */
export const STRIP_RUNS = 40;

const HEIGHT = 20;

/**
 * The newest runs of a job as bars, oldest at the left: a success as high as it took long beside the others, everything else
 * over the whole height. One shape a tone, so that hundreds of strips stay small.
 */
export function strip(runs: readonly StripRun[], now: Date): Html {
  if (runs.length === 0) {
    return html`<span class="soft">no runs yet</span>`;
  }
  const longest = Math.max(...runs.map(run => tookMillis(run, now)), 1);
  const first = STRIP_RUNS - runs.length;
  const shapes = new Map<string, string>();
  runs.forEach((run, index) => {
    const { tone } = lookOf(run.status);
    const share = tone === 'ok' ? 0.3 + 0.5 * (tookMillis(run, now) / longest) : 1;
    const height = Math.round(HEIGHT * share);
    shapes.set(tone, `${shapes.get(tone) ?? ''}M${(first + index) * 4} ${HEIGHT}v-${height}h3v${height}z`);
  });
  const paths = [...shapes].map(([tone, path]) => html`<path class="${tone}" d="${path}" />`);
  return html`<svg
    class="strip"
    viewBox="0 0 ${STRIP_RUNS * 4 - 1} ${HEIGHT}"
    role="img"
    aria-label="${countWords(runs)}"
  >
    ${paths}
  </svg>`;
}

/** '40 runs: 38 succeeded, 2 failed'. */
export function countWords(runs: readonly Pick<StripRun, 'status'>[]): string {
  const counts = [...Map.groupBy(runs, ({ status }) => lookOf(status).word)]
    .map(([word, some]) => `${some.length} ${word}`)
    .join(', ');
  return `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}: ${counts}`;
}

/** Durations of runs in milliseconds, in figures. */
export interface DurationFigures {
  readonly median: number;
  readonly p95: number;
  readonly longest: number;
}

/** Of the runs that succeeded; `null` without one. */
export function durationFigures(runs: readonly StripRun[], now: Date): DurationFigures | null {
  const millis = runs
    .filter(({ status }) => status === 'succeeded')
    .map(run => tookMillis(run, now))
    .sort((one, other) => one - other);
  const at = (share: number) => millis[Math.max(Math.ceil(millis.length * share) - 1, 0)];
  const [median, p95, longest] = [at(0.5), at(0.95), at(1)];
  return median === undefined || p95 === undefined || longest === undefined ? null : { median, p95, longest };
}

const BARS_HEIGHT = 96;

/** How long runs took, as bars that lead to them, with the median and the 95th percentile as lines. */
export function durationBars(runs: readonly StripRun[], now: Date, href: (id: number) => string): Html {
  const figures = durationFigures(runs, now);
  const longest = Math.max(...runs.map(run => tookMillis(run, now)), 1);
  const height = (millis: number) => Math.max(Math.round((millis / longest) * BARS_HEIGHT), 2);
  const bars = runs.map((run, index) => {
    const { tone, word } = lookOf(run.status);
    const took = tookMillis(run, now);
    return html`<a href="${href(run.id)}" tabindex="-1"
      ><title>#${run.id} ${word}, ${formatDuration(took)}, ${run.startTime.toISOString()}</title
      ><path class="hit" d="M${index * 10} 0h10v${BARS_HEIGHT}h-10z" /><path
        class="${tone}"
        d="M${index * 10 + 1} ${BARS_HEIGHT}v-${height(took)}h8v${height(took)}z"
    /></a>`;
  });
  const rule = (millis: number, name: string) => {
    const y = BARS_HEIGHT - height(millis);
    return html`<path class="rule ${name}" d="M0 ${y}H${runs.length * 10}" />`;
  };
  return html`<svg
    class="bars"
    viewBox="0 0 ${runs.length * 10} ${BARS_HEIGHT}"
    preserveAspectRatio="none"
    role="group"
    aria-label="How long the last ${runs.length} runs took"
  >
    ${bars}${figures && [rule(figures.median, 'median'), rule(figures.p95, 'p95')]}
  </svg>`;
}
