import { CronJobBase, type CronJobContext, Schedule } from 'mikro-orm-cron';
import { Invoice } from '../entities/Invoice.js';

export class SendReminders extends CronJobBase {
  readonly code = 'billing.send_reminders';
  readonly schedule = new Schedule({ runAtTimes: ['06:30'], retryAfterFailureMins: 5 });

  async do({ em, now, signal }: CronJobContext) {
    const overdue = await em.find(Invoice, { dueAt: { $lt: now }, remindedAt: null });
    for (const invoice of overdue) {
      signal.throwIfAborted();
      invoice.remindedAt = now;
      await em.flush();
    }
    return `${overdue.length} reminders sent`;
  }
}
