import type { SendMailOptions, SentMessageInfo, TransportConfig } from 'nodemailer';
import { scrub } from '../util/scrub.ts';
import { unlessAborted } from '../util/waiting.ts';
import type { MailSettings } from './MailSettings.ts';

/** Milliseconds; nodemailer's own time-outs for a server that has stopped answering are up to ten minutes. */
const TIMEOUTS = {
  connectionTimeout: 20_000,
  greetingTimeout: 20_000,
  socketTimeout: 30_000,
  socketCloseTimeout: 1_000,
};

/** A way to the mail server for one use. */
export interface MailTransport extends Disposable {
  /** Where it leads, without secrets: 'smtps://mail.example.com:465'. */
  readonly name: string;
  send(message: SendMailOptions, signal: AbortSignal): Promise<SentMessageInfo>;
  verify(signal: AbortSignal): Promise<void>;
  /** The message of an error that this transport threw, without its secrets. */
  explain(error: unknown): string;
}

/** Opens the transport of the setting `mail`. Loads nodemailer, unless it is a Transporter of the host's own. */
export async function openTransport({ transport }: MailSettings): Promise<MailTransport> {
  const secrets = secretsOf(transport);
  const explain = (error: unknown) => scrub(error, secrets);
  if (typeof transport === 'object' && 'sendMail' in transport && typeof transport.sendMail === 'function') {
    return {
      name: "the host's own Transporter",
      explain,
      send: async (message, signal) => unlessAborted(transport.sendMail({ ...message, signal }), signal),
      verify: async signal => void (await unlessAborted(transport.verify(), signal)),
      // It is the host's, and may be a pool that others use.
      [Symbol.dispose]: () => undefined,
    };
  }
  const { createTransport } = await import('nodemailer');
  const options = typeof transport === 'string' ? { url: transport } : (transport as TransportConfig);
  // A user's password goes to nobody but the server, unless the host asks for it by requireTLS: false or ignoreTLS.
  const encrypted = hasUser(transport) ? { requireTLS: true } : {};
  const transporter = createTransport({ ...TIMEOUTS, ...encrypted, ...options } as TransportConfig);
  return {
    name: nameOf(transport),
    explain: error =>
      isWithoutTls(error)
        ? `${explain(error)}; a password is sent encrypted only: use smtps://, or requireTLS: false where the network is trusted`
        : explain(error),
    send: async (message, signal) => unlessAborted(transporter.sendMail({ ...message, signal }), signal),
    verify: async signal => void (await unlessAborted(transporter.verify(), signal)),
    [Symbol.dispose]: () => transporter.close(),
  };
}

function nameOf(transport: MailSettings['transport']): string {
  if (typeof transport === 'string') {
    const { protocol, host } = new URL(transport);
    return `${protocol}//${host}`;
  }
  const { host, port, service, secure } = transport as Record<string, unknown>;
  if (typeof host === 'string') {
    return `${secure === true ? 'smtps' : 'smtp'}://${host}${typeof port === 'number' ? `:${port}` : ''}`;
  }
  return typeof service === 'string' ? service : 'the transport of nodemailer';
}

function hasUser(transport: MailSettings['transport']): boolean {
  const { url, auth } = typeof transport === 'string' ? { url: transport } : (transport as Record<string, unknown>);
  const isInUrl = typeof url === 'string' && URL.canParse(url) && (new URL(url).username || new URL(url).password);
  return Boolean(auth) || Boolean(isInUrl);
}

/** Whether the server offers no STARTTLS, or its STARTTLS failed. */
function isWithoutTls(error: unknown): boolean {
  return error instanceof Error && ['ETLS', 'EREQUIRETLS'].includes(String((error as NodeJS.ErrnoException).code));
}

/** Names of options that hold a secret: of `auth`, `proxy`, `dkim`, `tls` and what nodemailer's plugins take. */
const SECRET_OPTION = /pass|secret|token|key|proxy|credential/i;

/** Everything in the transport that must not be shown: the password as it stands in a URL and decoded, and the like. */
function secretsOf(transport: MailSettings['transport']): string[] {
  const secrets: string[] = [];
  const users: string[] = [];
  const collect = (name: string, value: unknown, depth: number): void => {
    if (typeof value === 'string') {
      if (name === 'user') {
        users.push(value);
      } else if (URL.canParse(value) && new URL(value).host !== '') {
        const { username, password, search } = new URL(value);
        users.push(decoded(username));
        secrets.push(password, decoded(password), search, ...(password === '' ? [] : [value]));
      } else if (SECRET_OPTION.test(name)) {
        secrets.push(value);
      }
    } else if (typeof value === 'object' && value !== null && depth < 4) {
      Object.entries(value).forEach(([key, member]) => collect(key, member, depth + 1));
    }
  };
  // A Transporter of the host's own keeps what it was made of.
  const options = typeof transport === 'object' && 'options' in transport ? transport.options : transport;
  collect('url', options, 0);
  // SMTP sends passwords in base64, alone or with their user, and a server may repeat what it did not understand.
  const forms = (secret: string) => [
    secret,
    encodeURIComponent(secret),
    ...[
      secret,
      ...users.flatMap(user => [`\0${user}\0${secret}`, `user=${user}\x01auth=Bearer ${secret}\x01\x01`]),
    ].map(text => Buffer.from(text).toString('base64')),
  ];
  return secrets.filter(secret => secret.length > 1).flatMap(forms);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
