import type { HostOptions } from '../../host/HostOptions.ts';
import { openHost } from '../../host/openHost.ts';
import { ALL_OFF, areAllOff } from '../../job/enabled.ts';
import { getCronRunner } from '../../runner/extension.ts';
import type { JobOverview } from '../../runner/readOverview.ts';
import { clockTime, LocalTime, localTimeText } from '../../schedule/LocalTime.ts';
import { describePause } from '../../state/decideJob.ts';
import { formatTable, type TableCell, type TableColumn } from '../../terminal/formatTable.ts';
import type { Output } from '../../terminal/Output.ts';
import { formatDuration, relativeTime } from '../../util/durations.ts';
import type { ExitCode } from '../Action.ts';
import { holderToJson, logToJson } from '../json.ts';
import { statusCell } from '../statusCell.ts';
import { openEndCell } from './openEndCell.ts';
import { type ListOrder, overviewOrders } from './overviewOrders.ts';

/** Options of `cron:list`. */
export interface ListOptions extends HostOptions {
  readonly jobs: readonly string[] | undefined;
  readonly tag: readonly string[] | undefined;
  readonly json: boolean | undefined;
  readonly sort: ListOrder;
  readonly due: boolean | undefined;
  readonly failing: boolean | undefined;
}

const columns: TableColumn[] = [
  { heading: 'JOB' },
  { heading: 'SCHEDULE', least: 12 },
  { heading: 'LAST RUN', least: 12 },
  { heading: 'TOOK', align: 'right' },
  { heading: 'FAILED', align: 'right' },
  { heading: 'NEXT DUE', least: 10 },
  { heading: 'LOCKED BY', least: 12 },
];

/** Prints the jobs as they stand. */
export async function listJobs(options: ListOptions, out: Output): Promise<ExitCode> {
  await using host = await openHost(options);
  const runner = getCronRunner(host.orm);
  const { now, jobs, problems } = await runner.overview(await runner.select(options.jobs ?? [], options.tag));
  const shown = jobs
    .filter(({ isDue, failureStreak }) => (!options.due || isDue) && (!options.failing || failureStreak > 0))
    .sort(overviewOrders[options.sort]);
  if (areAllOff()) {
    out.error(`${ALL_OFF}; unset it, or set it to 0, to run them`);
  }
  for (const text of problems) {
    out.error(`the lock holders are not known: ${text}`);
  }
  if (options.json) {
    out.data(shown.map(toJson), 2);
    return 0;
  }
  if (shown.length === 0) {
    out.text.line(jobs.length === 0 ? 'No jobs' : 'No such jobs');
    return 0;
  }
  const { timeZone } = runner.settings;
  // A column of its own only where somebody has set something.
  const hasStates = shown.some(job => stateOf(job, now, timeZone) !== '');
  const rows = shown.map(job => [
    ...toRow(job, now, timeZone),
    ...(hasStates ? [{ text: stateOf(job, now, timeZone), tone: 'warning' as const }] : []),
  ]);
  out.text.lines(formatTable(hasStates ? [...columns, { heading: 'STATE', least: 12 }] : columns, rows, out.text));
  out.text.line({ text: `Times in ${timeZone}`, tone: 'faint' });
  return 0;
}

/** @param shownZone on whose wall clock people see all instants; a schedule is in words in its own */
function toRow(overview: JobOverview, now: Date, shownZone: string): TableCell[] {
  const { job, timeZone, lastRun, failureStreak, nextRun, isDue, spreadSeconds, holder } = overview;
  const when = (instant: Date, sign = '') => {
    const short = `${sign}${relativeTime(instant, now)}`;
    return { short, text: `${short} (${localTimeText(instant, shownZone, { withSeconds: false })})` };
  };
  const spread = spreadSeconds === 0 ? '' : `, starts ${formatDuration(spreadSeconds * 1_000)} later`;
  const status = lastRun && statusCell(lastRun.status);
  return [
    { text: job.code },
    { text: `${job.schedule.describe(timeZone)}${spread}`, short: job.schedule.describe(), tone: 'faint' },
    lastRun && status ? { ...when(lastRun.startTime, `${status.text} `), tone: status.tone } : { text: 'never' },
    { text: tookText(overview, now) },
    { text: failureStreak > 0 ? String(failureStreak) : '', tone: 'bad' },
    nextRun === null ? openEndCell(overview) : isDue ? { text: 'now', tone: 'warning' } : when(nextRun),
    {
      text: holder ? `${holder.host}, pid ${holder.pid}` : holder === undefined ? '?' : '',
      tone: 'warning',
    },
  ];
}

/** The pause, skip or request of a job in words; empty when there is none. */
function stateOf({ pause, skip, request }: JobOverview, now: Date, timeZone: string): string {
  const local = LocalTime.of(timeZone);
  const at = (instant: Date) => clockTime(instant.getTime(), now.getTime(), local);
  return [
    pause && describePause(pause, { now, local, isOfAll: false }),
    skip?.until && `skipped until ${at(skip.until)} by ${skip.by}`,
    skip?.slot && `${at(skip.slot)} skipped by ${skip.by}`,
    request && `requested by ${request.by} ${at(request.at)}`,
  ]
    .filter(part => part)
    .join('; ');
}

function tookText({ lastRun }: JobOverview, now: Date): string {
  if (lastRun === null) {
    return '';
  }
  return formatDuration(lastRun.duration ?? Math.max(now.getTime() - lastRun.startTime.getTime(), 0));
}

function toJson(overview: JobOverview): object {
  const { job, timeZone, lastRun, lastSuccess, failureStreak, nextRun, isDue, holder } = overview;
  const { off, spreadSeconds, pause, skip, request } = overview;
  return {
    code: job.code,
    class: job.constructor.name,
    tags: job.tags ?? [],
    schedule: job.schedule.describe(),
    timeZone,
    lastRun: lastRun && logToJson(lastRun),
    lastSuccess: lastSuccess?.toISOString() ?? null,
    failureStreak,
    nextRun: nextRun?.toISOString() ?? null,
    isDue,
    off,
    spreadSeconds,
    pause: pause && {
      since: pause.since.toISOString(),
      until: pause.until?.toISOString() ?? null,
      by: pause.by,
      reason: pause.reason,
    },
    skip: skip && { slot: skip.slot?.toISOString() ?? null, until: skip.until?.toISOString() ?? null, by: skip.by },
    request: request && {
      id: request.id,
      at: request.at.toISOString(),
      by: request.by,
      arguments: request.arguments === null ? null : (JSON.parse(request.arguments) as unknown),
    },
    lock: holder ? holderToJson(holder) : null,
  };
}
