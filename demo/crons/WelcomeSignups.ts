import { CronJobBase, type CronJobContext, Schedule } from '../../src/index.ts';
import { Signup } from '../entities/Signup.ts';

/** Works on the host's entities, in an EntityManager of its own. */
export class WelcomeSignups extends CronJobBase {
  readonly code = 'demo.welcome_signups';
  readonly schedule = new Schedule({ runEveryMins: 10 });

  async do({ em, signal, now }: CronJobContext): Promise<string> {
    const signups = await em.find(Signup, { welcomedAt: null }, { limit: 100 });
    for (const signup of signups) {
      // A job that looks at its signal between two pieces of work ends cleanly on time-out, lost lock and shutdown.
      signal.throwIfAborted();
      signup.welcomedAt = now;
      await em.flush();
    }
    return `${signups.length} people welcomed`;
  }
}
