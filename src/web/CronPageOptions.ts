import type { IncomingMessage } from 'node:http';
import type { CronJobLog } from '../history/CronJobLog.ts';

/** Who looks at the page, and what they may do. */
export interface CronViewer {
  /** `view` to see everything, `operate` to run, pause, skip, cancel and unlock besides. */
  readonly access: 'view' | 'operate';
  /** Goes into the log and into events with every action: a user name, an address. */
  readonly name: string;
}

/** How a request came. */
export interface CronPageSource {
  /** Node's own request, where the page is mounted by `nodeListener()`: what the host's middleware has put on it is there. */
  readonly incoming?: IncomingMessage | undefined;
}

/** Options of `cronPage()`. */
export interface CronPageOptions {
  /**
   * The path under which browsers see the page: `/admin/cron`. It begins every link, and is cut off requests that still
   * have it, since some frameworks and proxies strip it and others do not.
   *
   * @default '' (the root)
   */
  readonly basePath?: string;

  /**
   * Says who sends a request, or `null` for nobody who may see the page. Asked for every request, assets too, before
   * anything else is looked at. What it throws ends the request with 500.
   */
  readonly authorize: (
    request: Request,
    source: CronPageSource,
  ) => CronViewer | null | undefined | Promise<CronViewer | null | undefined>;

  /**
   * Makes the text that is shown as the message of a run, to leave something out of it or to make it readable. What it
   * throws is replaced by a note.
   *
   * @default the message as it is
   */
  readonly formatMessage?: (message: string, run: CronJobLog) => string;
}

/** The page: a handler of fetch requests, for any framework that has them; `nodeListener()` mounts it elsewhere. */
export type CronPage = (request: Request, source?: CronPageSource) => Promise<Response>;
