import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A mail as it came in. */
export interface ReceivedMail extends ParsedMail {
  /** Recipients of the envelope. */
  readonly recipients: string[];
  /** The mail as it came over the wire. */
  readonly raw: string;
}

/** A real SMTP server in this process. */
export interface TestSmtp extends AsyncDisposable {
  readonly port: number;
  /** `smtp://127.0.0.1:port`. */
  readonly url: string;
  /** The mails received since the last call. */
  mails(): ReceivedMail[];
  /** How many connections have been made. */
  readonly connections: () => number;
}

/** Starts one that takes every mail, without TLS and users unless the options say so. */
export async function startSmtp(options: SMTPServerOptions = {}): Promise<TestSmtp> {
  const mails: ReceivedMail[] = [];
  let connections = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    closeTimeout: 100,
    onConnect(_session, callback) {
      connections++;
      callback();
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const raw = Buffer.concat(chunks).toString();
        const recipients = session.envelope.rcptTo.map(({ address }) => address);
        simpleParser(raw).then(
          mail => {
            mails.push(Object.assign(mail, { raw, recipients }));
            callback();
          },
          (error: Error) => callback(error),
        );
      });
    },
    ...options,
  });
  // A client that drops its connection is no error of the test.
  server.on('error', () => undefined);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    port,
    url: `smtp://127.0.0.1:${port}`,
    mails: () => mails.splice(0),
    connections: () => connections,
    [Symbol.asyncDispose]: async () => new Promise<void>(resolve => server.close(() => resolve())),
  };
}
