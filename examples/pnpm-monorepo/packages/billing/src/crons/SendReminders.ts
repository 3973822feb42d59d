import { CronJobBase, type CronJobContext, Schedule } from 'mikro-orm-cron';
import { Invoice } from '../entities/Invoice.js';

/** Reminds of overdue invoices, each once. */
export class SendReminders extends CronJobBase {
  readonly code = 'billing.send_reminders';
  readonly schedule = new Schedule({ runEveryMins: 60, runAtTimes: ['06:30'], retryAfterFailureMins: 5 });

  async do({ em, signal, now }: CronJobContext): Promise<string> {
    const overdue = await em.find(Invoice, { dueAt: { $lt: now }, remindedAt: null });
    for (const invoice of overdue) {
      signal.throwIfAborted();
      invoice.remindedAt = now;
      // One transaction an invoice: a run that is stopped half-way reminds nobody twice.
      await em.flush();
    }
    return `${overdue.length} reminders sent`;
  }
}
