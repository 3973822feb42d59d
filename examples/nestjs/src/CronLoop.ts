import { MikroORM } from '@mikro-orm/core';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type CronRunner, getCronRunner } from 'mikro-orm-cron';

/** Ticks within the application; a shutdown lets running jobs finish. */
@Injectable()
export class CronLoop implements OnApplicationShutdown {
  readonly #runner: CronRunner;

  constructor(orm: MikroORM) {
    this.#runner = getCronRunner(orm);
  }

  start(): void {
    this.#runner.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#runner.stop();
  }
}
