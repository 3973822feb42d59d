import { FailedRunsNotificationCronJob } from '../../notices/FailedRunsNotificationCronJob.ts';
import { type CheckContext, type Finding, ok, problem } from './Check.ts';

/** Whether the notification job has recipients; no findings without that job. */
export function checkNotices({ jobs, runner }: CheckContext): Finding[] {
  const { mail, notifiers } = runner.allSettings();
  const channels = [...(mail ? [`mail to ${mail.admins.join(', ')}`] : []), ...notifiers.map(({ name }) => name)];
  return jobs
    .filter(job => job instanceof FailedRunsNotificationCronJob)
    .map(({ code }) =>
      channels.length > 0
        ? ok(`${code} notifies by ${channels.join(', ')}`)
        : problem(`${code} has no recipients, so every run of it fails`, 'set mail or notifiers in cron()'),
    );
}
