import { CronError, CronSettingsError } from '../errors.ts';
import { isSeconds, SECONDS_ALLOWED } from '../util/rules.ts';
import type { Notifier } from './Notifier.ts';
import { scrub } from './scrub.ts';

/** How to call a webhook. */
export interface WebhookOptions {
  /** Names the notifier; needed where there are several. @default 'webhook' */
  readonly name?: string;
  /** Further headers, such as `Authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Seconds the server may take to answer. @default 10 */
  readonly timeoutSeconds?: number;
}

/**
 * A notifier that posts `{ subject, text, notices, now }` as JSON. Any answer but 2xx is a failure.
 *
 * @param url its path and query may be secret: only its origin is ever shown
 * @throws CronSettingsError when the URL is no http(s) URL or the time-out is not allowed.
 */
export function webhookNotifier(url: string, options: WebhookOptions = {}): Notifier {
  const { name = 'webhook', headers = {}, timeoutSeconds = 10 } = options;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new CronSettingsError(`webhookNotifier(url): it is not allowed; it must be an http or https URL`);
  }
  if (!isSeconds(timeoutSeconds)) {
    throw new CronSettingsError(
      `webhookNotifier({ timeoutSeconds }): ${String(timeoutSeconds)} is not allowed; it must be ${SECONDS_ALLOWED}`,
    );
  }
  const { origin, href, pathname, search, password } = new URL(url);
  // A path of a letter or two is no secret, and would blot out the message.
  const secrets = [url, href, pathname, search, password, ...Object.values(headers)].filter(text => text.length > 3);
  return {
    name,
    async notify({ subject, text, notices, now }, signal) {
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', ...headers },
          body: JSON.stringify({ subject, text, notices, now }),
          // A redirect would carry headers and body to who knows where.
          redirect: 'error',
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutSeconds * 1000)]),
        });
        await response.body?.cancel();
        if (!response.ok) {
          throw new Error(`it answered ${response.status}`);
        }
      } catch (error) {
        throw signal.aborted
          ? signal.reason
          : new CronError(`${name} to ${origin} could not be called: ${scrub(error, secrets)}`);
      }
    },
  };
}
