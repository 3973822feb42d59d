import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { MikroORM, PostgreSqlDriver } from '@mikro-orm/postgresql';
import { getCronRunner } from '../../src/index.ts';
import { WitnessWriter } from '../witness/records.ts';
import config from './host.ts';
import { hostSpec, processName } from './HostSpec.ts';
import { poolOf } from './pool.ts';

/** Milliseconds after which a query of the host's counts as hung. */
const HUNG = 15_000;

/** A server of a host's own that ticks within its process, has other handles, and asks its database things itself. */
const witness = new WitnessWriter(hostSpec().witness, processName());
const orm = await MikroORM.init({ ...config, driver: PostgreSqlDriver });
const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
const runner = getCronRunner(orm);
runner.start({ sleepSeconds: 0.05 });

const queries = { ok: 0, failed: 0, hung: 0 };
const asking = setInterval(() => void ask(), 100);
const telling = setInterval(() => void tell().catch(() => undefined), 250);

process.once('SIGTERM', () => void end());

async function ask(): Promise<void> {
  const late = new AbortController();
  const outcome = await Promise.race([
    orm.em
      .fork()
      .execute('select 1')
      .then(
        () => 'ok' as const,
        () => 'failed' as const,
      ),
    delay(HUNG, 'hung' as const, { signal: late.signal }).catch(() => 'ok' as const),
  ]);
  late.abort();
  queries[outcome]++;
}

async function tell(): Promise<void> {
  witness.write({ event: 'pool', ...(await poolOf(orm.em)) });
  witness.write({ event: 'queries', ...queries });
}

async function end(): Promise<void> {
  clearInterval(asking);
  clearInterval(telling);
  await runner.stop();
  await orm.close(true);
  server.close();
}
