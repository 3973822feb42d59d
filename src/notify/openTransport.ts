import type { SendMailOptions, SentMessageInfo, TransportConfig } from 'nodemailer';
import { unlessAborted } from '../util/waiting.ts';
import type { MailSettings } from './MailSettings.ts';
import { scrub } from '../util/scrub.ts';

/** Nodemailer waits ten minutes for a server that has fallen silent, and this shall not, in milliseconds. */
const PATIENCE = {
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
  const transporter = createTransport({ ...PATIENCE, ...options } as TransportConfig);
  return {
    name: nameOf(transport),
    explain,
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

/** Everything in the transport that must not be shown: the password as it stands in a URL and decoded, and the like. */
function secretsOf(transport: MailSettings['transport']): string[] {
  const options = typeof transport === 'string' ? { url: transport } : (transport as Record<string, unknown>);
  const secrets: string[] = [];
  const users: string[] = [];
  if (typeof options['url'] === 'string' && URL.canParse(options['url'])) {
    const { username, password, search } = new URL(options['url']);
    users.push(decoded(username));
    secrets.push(options['url'], password, decoded(password), search);
  }
  const { auth } = options as { auth?: unknown };
  for (const [key, value] of Object.entries(typeof auth === 'object' && auth !== null ? auth : {})) {
    if (key === 'user') {
      users.push(String(value));
    } else if (typeof value === 'string' && !['type', 'method'].includes(key)) {
      secrets.push(value);
    }
  }
  // SMTP sends passwords in base64, alone or with their user, and a server may repeat what it did not understand.
  const forms = (secret: string) => [
    secret,
    encodeURIComponent(secret),
    ...[
      secret,
      ...users.flatMap(user => [`\0${user}\0${secret}`, `user=${user}\x01auth=Bearer ${secret}\x01\x01`]),
    ].map(text => Buffer.from(text).toString('base64')),
  ];
  return secrets.filter(secret => secret !== '').flatMap(forms);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
