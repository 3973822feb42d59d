import { Injectable } from '@nestjs/common';
import { CronJobBase, type CronJobContext, Schedule } from 'mikro-orm-cron';
import { Greeter } from './Greeter.js';

/** A job is a provider, so what it needs is injected. */
@Injectable()
export class SendGreetings extends CronJobBase {
  readonly code = 'nest.send_greetings';
  readonly schedule = new Schedule({ runEveryMins: 5, timeZone: 'UTC' });
  readonly #greeter: Greeter;

  constructor(greeter: Greeter) {
    super();
    this.#greeter = greeter;
  }

  do({ now }: CronJobContext): string {
    return `said ${this.#greeter.greet(now.getUTCHours())}`;
  }
}
