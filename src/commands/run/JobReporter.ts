import type { TickEvent } from '../../events/TickEvent.ts';
import type { Output } from '../../terminal/Output.ts';
import { eventToJson } from './eventToJson.ts';
import { LiveReporter } from './LiveReporter.ts';
import { TextReporter } from './TextReporter.ts';

/** How a command that runs jobs reports on them. */
export interface ReportOptions {
  /** Errors and warnings only. */
  readonly silent: boolean | undefined;
  /** One JSON object a line. */
  readonly json: boolean | undefined;
  /** Whether ticks come when a job is due, so that those of which nothing is to be said are left out after the first. */
  readonly exact?: boolean | undefined;
}

/**
 * Reports ticks as a command was asked to: in JSON, in lines, or in lines with the running jobs below them on a terminal.
 * Data goes to stdout, errors and warnings to stderr.
 */
export class JobReporter implements Disposable {
  readonly #text: TextReporter;
  readonly #live: LiveReporter | undefined;
  readonly #data: Output | undefined;

  /** @param timeZone whose wall clock people go by */
  constructor({ silent, json, exact }: ReportOptions, out: Output, timeZone: string) {
    const { text, errors } = out;
    this.#data = json ? out : undefined;
    this.#text = new TextReporter(out, {
      isSilent: silent === true || json === true,
      timeZone,
      isBrief: exact === true,
    });
    const isLive = !silent && !json && text.isTerminal && process.env['TERM'] !== 'dumb';
    this.#live = isLive ? new LiveReporter(text, errors.isTerminal ? [errors] : []) : undefined;
  }

  readonly onEvent = (event: TickEvent): void => {
    this.#data?.data(eventToJson(event));
    this.#live?.onEvent(event);
    this.#text.onEvent(event);
  };

  [Symbol.dispose](): void {
    this.#live?.[Symbol.dispose]();
  }
}
