import type { TickEvent } from '../../events/TickEvent.ts';
import type { DataStream } from '../../terminal/DataStream.ts';
import { Terminal } from '../../terminal/Terminal.ts';
import { eventToJson } from './eventToJson.ts';
import { LiveReporter } from './LiveReporter.ts';
import { TextReporter } from './TextReporter.ts';

/** How a command that runs jobs shall tell of it. */
export interface ReportOptions {
  /** Nothing but trouble. */
  readonly silent: boolean;
  /** One JSON object a line. */
  readonly json: boolean;
}

/**
 * Tells of ticks as a command was asked to: in JSON, in lines, or in lines with the running jobs below them on a terminal.
 * Data goes to stdout, trouble to stderr.
 */
export class JobReporter implements Disposable {
  readonly #text: TextReporter;
  readonly #live: LiveReporter | undefined;
  readonly #data: DataStream | undefined;

  /**
   * @param data where JSON goes, which the caller has opened before anything else could print
   * @param timeZone whose wall clock people go by
   */
  constructor({ silent, json }: ReportOptions, data: DataStream | undefined, timeZone: string) {
    const { stdout, stderr } = process;
    this.#data = data;
    this.#text = new TextReporter({ out: silent || json ? undefined : stdout, err: stderr }, timeZone);
    const isLive = !silent && !json && new Terminal(stdout).isTerminal && process.env['TERM'] !== 'dumb';
    this.#live = isLive ? new LiveReporter(stdout, stderr.isTTY ? [stderr] : []) : undefined;
  }

  readonly onEvent = (event: TickEvent): void => {
    this.#data?.json(eventToJson(event));
    this.#live?.onEvent(event);
    this.#text.onEvent(event);
  };

  [Symbol.dispose](): void {
    this.#live?.[Symbol.dispose]();
  }
}
