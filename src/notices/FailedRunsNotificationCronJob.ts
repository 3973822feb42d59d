import { CronError, CronJobError } from '../errors.ts';
import { CronJobBase, runnerOf } from '../job/CronJobBase.ts';
import type { CronJobContext } from '../job/CronJobContext.ts';
import { mailNotifier } from '../notify/mailNotifier.ts';
import type { MailSettings } from '../notify/MailSettings.ts';
import type { Notifier } from '../notify/Notifier.ts';
import { type CronRunner, isCronRunner } from '../runner/CronRunner.ts';
import { Schedule } from '../schedule/Schedule.ts';
import { messageOf } from '../util/thrown.ts';
import { unlessAborted } from '../util/waiting.ts';
import { type LogCheck, checkLog } from './checkLog.ts';
import { composeNotification } from './composeNotification.ts';
import type { NoticePolicy, NoticeDecision } from './decideNotices.ts';
import { detailNotices } from './detailNotices.ts';
import { stateLine } from './notifierState.ts';

/** Margin of `notifyOverdue: true`, in minutes. */
const OVERDUE_MARGIN = 60;

/**
 * Notifies people of jobs that keep failing, are overdue or have recovered: by the setting `mail` and by each of
 * `notifiers`, in one notification for all jobs. An ordinary job: list it in `jobs`, after the others, so that it sees
 * what they did in the same tick. Subclass it for another schedule.
 *
 * @example
 * ```ts
 * cron({
 *   jobs: [SendReminders, FailedRunsNotificationCronJob],
 *   mail: { transport: process.env.SMTP_URL, from: 'cron@example.com', admins: ['ops@example.com'] },
 * });
 * ```
 */
export class FailedRunsNotificationCronJob extends CronJobBase {
  readonly code: string = 'mikro_orm_cron.failed_runs_notification';
  readonly schedule: Schedule = new Schedule({ runEveryMins: 30 });

  /**
   * Seconds that a check and its notifiers may take.
   *
   * @default 120
   */
  override readonly timeoutSeconds: number = 120;

  /** @default the setting `mail.notifyRecovery` */
  readonly notifyRecovery?: boolean;

  /** @default the setting `mail.remindAfterMins` */
  readonly remindAfterMins?: number;

  /** @default the setting `mail.notifyOverdue` */
  readonly notifyOverdue?: MailSettings['notifyOverdue'];

  async do(context: CronJobContext): Promise<void> {
    const runner = this.#runner();
    const { mail, notifiers: others } = runner.allSettings();
    const notifiers = mail ? [mailNotifier(mail), ...others] : others;
    if (notifiers.length === 0) {
      throw new CronJobError(`Job ${this.code}: it has no recipients; set mail or notifiers in cron()`, {
        jobCode: this.code,
      });
    }
    const { em, now } = context;
    const { settings } = runner;
    const jobs = await runner.jobs();
    const names = notifiers.map(({ name }) => name);
    const policy = this.#policy(mail);
    const check = await checkLog({ em, self: this, jobs, now, settings, policy, notifiers: names });
    await this.#deliver(notifiers, check, runner, jobs, context);
  }

  /** One slow or broken notifier holds up no other: each succeeds or fails, and is remembered, by itself. */
  async #deliver(
    notifiers: readonly Notifier[],
    { states, decisions, histories }: LogCheck,
    { settings: { timeZone } }: CronRunner,
    jobs: readonly CronJobBase[],
    { em, now, signal, write }: CronJobContext,
  ): Promise<void> {
    const newStates = { ...states };
    const deliver = async (notifier: Notifier, { notices }: NoticeDecision) => {
      const details = await detailNotices(notices, { em: em.fork(), jobs, histories, now, timeZone });
      return unlessAborted(notifier.notify(composeNotification(details, { now, timeZone }), signal), signal);
    };
    const outcomes = await Promise.all(
      notifiers.map(async notifier => {
        const { name } = notifier;
        const decision = decisions.get(name)!;
        try {
          const answer = decision.notices.length > 0 ? await deliver(notifier, decision) : '';
          newStates[name] = decision.state;
          const rest = typeof answer === 'string' && answer !== '' ? `\n${answer}` : '';
          return { line: `${name}: ${summaryOf(decision)}${rest}` };
        } catch (error) {
          return { line: `${name}: ${summaryOf(decision)}; not delivered`, failure: messageOf(error) };
        }
      }),
    );
    for (const { line } of outcomes) {
      write(line);
    }
    // The state of a removed notifier is dropped, and one that failed keeps its old state.
    write(stateLine(Object.fromEntries(Object.entries(newStates).filter(([name]) => decisions.has(name)))));
    signal.throwIfAborted();
    const failures = outcomes.flatMap(({ failure }) => failure ?? []);
    if (failures.length > 0) {
      throw new CronError(
        `Job ${this.code}: ${failures.join('; ')}; the next tick tries again what was not delivered`,
        { jobCode: this.code },
      );
    }
  }

  #runner(): CronRunner {
    const runner = runnerOf(this);
    if (!isCronRunner(runner)) {
      throw new CronJobError(`Job ${this.code}: it needs a runner of this package; list it in cron({ jobs })`, {
        jobCode: this.code,
      });
    }
    return runner;
  }

  #policy(mail: MailSettings | undefined): NoticePolicy {
    const overdue = this.notifyOverdue ?? mail?.notifyOverdue ?? false;
    const marginMins = overdue === true ? OVERDUE_MARGIN : overdue === false ? undefined : overdue.marginMins;
    return {
      notifyRecovery: this.notifyRecovery ?? mail?.notifyRecovery ?? true,
      remindAfterMins: this.remindAfterMins ?? mail?.remindAfterMins,
      overdueMarginMins: marginMins,
    };
  }
}

function summaryOf({ notices }: NoticeDecision): string {
  return notices.length === 0
    ? 'nothing to report'
    : notices.map(({ code, kind, isReminder }) => `${code} ${isReminder ? 'still ' : ''}${kind}`).join(', ');
}
