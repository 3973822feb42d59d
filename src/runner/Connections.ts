import type { MikroORM } from '@mikro-orm/core';
import { Claimer } from '../claim/Claimer.ts';
import { Closes } from '../claim/Closes.ts';
import { dialectOf } from '../database/dialectOf.ts';
import { OwnConnection } from '../database/OwnConnection.ts';
import { sessionGuard, type SessionGuard } from '../database/sessionGuard.ts';
import { openLocks } from '../lock/HostLocks.ts';
import { type LockProvider } from '../lock/LockProvider.ts';
import type { ResolvedSettings } from '../settings/CronSettings.ts';
import { StateStore } from '../state/StateStore.ts';
import { CancelWatch } from './CancelWatch.ts';

/**
 * What a runner claims and closes with. Of its two connections one is kept for renewals and closes, so that no claim that
 * hangs can cost a run its lock.
 */
export class Connections {
  readonly claims: OwnConnection;
  readonly closes: OwnConnection;
  readonly claimer: Claimer;
  readonly closer: Closes;
  readonly cancels: CancelWatch;
  readonly locks: LockProvider;
  /** Puts the session right that the host's jobs share with each other, or with us, where there is only one. */
  readonly session: SessionGuard | undefined;

  constructor(orm: MikroORM, settings: ResolvedSettings) {
    this.claims = new OwnConnection(orm, settings.connectTimeoutSeconds);
    this.closes = new OwnConnection(orm, settings.connectTimeoutSeconds);
    this.claimer = new Claimer(orm, this.claims, settings.clock);
    this.closer = new Closes(this.closes);
    this.cancels = new CancelWatch(async codes =>
      this.closes.run(async em => new StateStore(em, settings.clock).cancelled(codes)),
    );
    const { lock, lockTimeSeconds, clock, caches, cacheName, lockFilePath } = settings;
    const lockSettings = { lockTimeSeconds, clock, caches, cacheName, lockFilePath };
    this.locks = openLocks(lock, orm, lockSettings, this.claims);
    this.session = this.claims.isShared || dialectOf(orm).hasOneSession ? sessionGuard(orm) : undefined;
  }

  /** Closes both connections; what comes after it opens them again. */
  async close(): Promise<void> {
    await Promise.all([this.claims.close(), this.closes.close()]);
  }
}
