import type { CronJobLog } from '../../history/CronJobLog.ts';
import { headlineOf } from '../../history/headlineOf.ts';
import { localTimeText } from '../../schedule/LocalTime.ts';
import { formatTable, type TableColumn } from '../../terminal/formatTable.ts';
import type { Piece, Terminal } from '../../terminal/Terminal.ts';
import { firstLine, fitText, oneLine } from '../../terminal/text.ts';
import { formatDuration, humanDuration, relativeTime } from '../../util/durations.ts';
import { statusCell } from '../statusCell.ts';

const columns: TableColumn[] = [
  { heading: 'ID', align: 'right' },
  { heading: 'JOB' },
  { heading: 'STARTED' },
  { heading: 'AGO', least: 8 },
  { heading: 'TOOK', align: 'right' },
  { heading: 'STATUS' },
  { heading: 'MESSAGE', least: 12 },
];

/** Shows runs to people, all on the wall clock of one zone. */
export class LogView {
  readonly #terminal: Terminal;
  readonly #timeZone: string;

  constructor(terminal: Terminal, timeZone: string) {
    this.#terminal = terminal;
    this.#timeZone = timeZone;
  }

  table(logs: readonly CronJobLog[], now: Date): void {
    const rows = logs.map(log => {
      const { text, tone } = statusCell(log.status);
      return [
        { text: String(log.id) },
        { text: log.code },
        { text: this.#local(log.startTime) },
        { text: relativeTime(log.startTime, now), tone: 'faint' as const },
        { text: formatDuration(log.duration ?? Math.max(now.getTime() - log.startTime.getTime(), 0)) },
        { text: `${text} ${log.status}`, tone },
        { text: firstLine(headlineOf(log)) },
      ];
    });
    this.#terminal.lines(formatTable(columns, rows, this.#terminal));
  }

  /** Says whose wall clock it was, below everything. */
  zone(): void {
    this.#terminal.line({ text: `Times in ${this.#timeZone}`, tone: 'faint' });
  }

  /** One line for a run that has just started or ended. */
  line(log: CronJobLog): void {
    const { text, tone } = statusCell(log.status);
    const took = log.duration === null ? '' : ` in ${formatDuration(log.duration)}`;
    const message = firstLine(headlineOf(log));
    const head = `${this.#local(log.endTime ?? log.startTime)}  ${log.id}  `;
    const rest = oneLine(`${text} ${log.code} ${log.status}${took}${message ? `: ${message}` : ''}`);
    const width = Math.max(this.#terminal.width - head.length, 20);
    this.#terminal.line({ text: head, tone: 'faint' }, { text: fitText(rest, width), tone });
  }

  /** A run whole. */
  whole(log: CronJobLog, now: Date): void {
    const { text, tone } = statusCell(log.status);
    const when = (instant: Date) => `${this.#local(instant)} (${relativeTime(instant, now)})`;
    const fields: [string, Piece][] = [
      ['status', { text: `${text} ${log.status}`, tone }],
      ['started', when(log.startTime)],
      ['ended', log.endTime ? when(log.endTime) : 'not yet'],
      ['took', took(log, now)],
      ['trigger', log.requestedBy ? `${log.runTrigger} by ${log.requestedBy}` : (log.runTrigger ?? '')],
      ['args', log.arguments ? oneLine(log.arguments) : ''],
      ['slot', log.scheduledFor ? this.#local(log.scheduledFor) : ''],
      ['run-at', log.ranAtTime ?? ''],
      ['host', `${log.host}, pid ${log.pid}`],
      ['zone', this.#timeZone],
    ];
    this.#terminal.line({ text: `Run ${log.id} of ${log.code}`, tone: 'heading' });
    for (const [name, value] of fields.filter(([, shown]) => shown !== '')) {
      this.#terminal.line('  ', { text: name.padEnd(7), tone: 'faint' }, '  ', value);
    }
    if (log.message !== '') {
      this.#terminal.line();
      this.#terminal.text(log.message);
    }
  }

  #local(instant: Date): string {
    return localTimeText(instant, this.#timeZone);
  }
}

function took(log: CronJobLog, now: Date): string {
  const millis = log.duration ?? Math.max(now.getTime() - log.startTime.getTime(), 0);
  return `${millis < 60_000 ? formatDuration(millis) : humanDuration(millis)}${log.endTime ? '' : ' so far'}`;
}
