const { CronJobBase, Schedule } = require('mikro-orm-cron');
const { Invoice } = require('../entities/Invoice.js');

/** Reminds of overdue invoices, each once. */
class SendReminders extends CronJobBase {
  code = 'billing.send_reminders';
  schedule = new Schedule({ runEveryMins: 60, runAtTimes: ['06:30'], retryAfterFailureMins: 5 });

  async do({ em, signal, now }) {
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

module.exports = { SendReminders };
