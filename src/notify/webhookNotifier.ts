import { CronError, CronSettingsError } from '../errors.ts';
import { httpTarget, isHttpUrl } from '../util/httpUrl.ts';
import { type OptionRule, readOptions } from '../util/options.ts';
import { isSeconds, SECONDS_ALLOWED } from '../util/rules.ts';
import { scrub } from '../util/scrub.ts';
import type { Notifier } from './Notifier.ts';

/** Options of `webhookNotifier()`. */
export interface WebhookOptions {
  /** Names the notifier; needed where there are several. @default 'webhook' */
  readonly name?: string;
  /** Further headers, such as `Authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Seconds the server may take to answer. @default 10 */
  readonly timeoutSeconds?: number;
}

const webhookRules: Record<keyof WebhookOptions, OptionRule> = {
  name: {
    allowed: 'a text on one line',
    isAllowed: value => typeof value === 'string' && value.trim() !== '' && !/\p{Cc}/u.test(value),
  },
  headers: {
    allowed: "an object of headers, as in { Authorization: 'Bearer …' }",
    isAllowed: areHeaders,
    isSecret: true,
  },
  timeoutSeconds: { allowed: SECONDS_ALLOWED, isAllowed: isSeconds },
};

/**
 * A notifier that posts `{ subject, text, notices, now }` as JSON. Any answer but 2xx is a failure.
 *
 * @param url only its origin is ever shown; its user and password are sent as the header `Authorization`
 * @throws CronSettingsError when the URL is not an http(s) URL, or an option is unknown or not allowed.
 */
export function webhookNotifier(url: string, options: WebhookOptions = {}): Notifier {
  if (!isHttpUrl(url)) {
    throw new CronSettingsError(`webhookNotifier(url): it is not allowed; it must be an http or https URL`);
  }
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new CronSettingsError(
      'webhookNotifier(url, options): the options must be an object such as { name: "slack" }',
    );
  }
  const given = readOptions<WebhookOptions>(options, webhookRules, {
    about: key => `webhookNotifier({ ${key} }):`,
    unknown: key => `webhookNotifier({ ${key} }): there is no such option`,
    error: message => new CronSettingsError(message),
  });
  const { name = 'webhook', timeoutSeconds = 10 } = given;
  const target = httpTarget(url);
  const headers = new Headers({ 'Content-Type': 'application/json', ...target.headers });
  for (const [header, value] of Object.entries(given.headers ?? {})) {
    headers.set(header, value);
  }
  const secrets = [...target.secrets, ...Object.values(given.headers ?? {}).filter(text => text.length > 3)];
  return {
    name,
    async notify({ subject, text, notices, now }, signal) {
      try {
        const response = await fetch(target.url, {
          method: 'POST',
          headers,
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
          : new CronError(`${name} to ${target.origin} could not be called: ${scrub(error, secrets)}`);
      }
    },
  };
}

/** What fetch refuses it shows whole, secrets and all, so it is tried here. */
function areHeaders(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !Object.values(value).every(text => typeof text === 'string')) {
    return false;
  }
  try {
    return new Headers(value as Record<string, string>) instanceof Headers;
  } catch {
    return false;
  }
}
