import type { EntitySchema, MikroORM, Options } from '@mikro-orm/postgresql';
// What snippets that are pieces of a module take for given: names of the host's own.
import type { Redis as IoRedis } from 'ioredis';
import type { CronJobBase, JobLock, Schedule, ScheduleHistory } from 'mikro-orm-cron';
import type { CommandModule } from 'yargs';

declare global {
  const config: Options;
  const orm: MikroORM;
  const em: MikroORM['em'];
  const jobs: (new () => CronJobBase)[];
  const job: CronJobBase;
  const schedule: Schedule;
  const history: ScheduleHistory;
  const now: Date;
  const myCommand: CommandModule;
  const HC: string;
  const Session: EntitySchema<{ id: number; expiresAt: Date }>;
  const SendReminders: typeof import('./src/crons/SendReminders.js').SendReminders;
  const container: { get<T>(token: new (...args: never[]) => T): T };
  const Sentry: { captureException(error: unknown): void };
  const Redis: typeof IoRedis;
  const shared: IoRedis;
  const durable: IoRedis;
  const ZooKeeperLock: new (code: string) => JobLock;
  const consul: Consul;

  interface Consul {
    createSession(options: { ttl: number }): Promise<string>;
    acquire(key: string, session: string): Promise<boolean>;
    renewSession(session: string): Promise<boolean>;
    destroySession(session: string): Promise<void>;
  }

  function sendReminders(em: unknown, signal: AbortSignal): Promise<number>;
  function remind(invoice: object): Promise<void>;
  function batches(em: unknown): AsyncIterable<{ url: string }>;
}
