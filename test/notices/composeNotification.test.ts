import { simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import { composeNotification } from '../../src/notices/composeNotification.ts';
import { mailNotifier } from '../../src/notify/mailNotifier.ts';
import { noticeOf, NOW } from '../helpers/notices.ts';
import { startSmtp } from '../helpers/smtp.ts';

const compose = (...notices: ReturnType<typeof noticeOf>[]) =>
  composeNotification(notices, { now: NOW, timeZone: 'Europe/Prague' });

const run = noticeOf({}).runs[0]!;

describe('a notification', () => {
  it('says what failed, since when, when it is tried again, and what to type next', () => {
    const { subject, text } = compose(noticeOf({}));
    expect(subject).toBe('billing.sync failed 10 times in a row!');
    expect(text).toBe(`billing.sync failed 10 times in a row!

Schedule:      every 5 minutes
Failing since: 2026-03-29 01:30:00 +01:00 (9 h 30 min ago)
Last success:  2026-03-29 01:00:00 +01:00 (10 h ago)
Next run:      2026-03-29 12:05:00 +02:00 (in 5 min)
See more:      npx mikro-orm-cron cron:log --code billing.sync

The newest 1 of 10 failed runs:
- 2026-03-29 11:55:00 +02:00  timed out after 1 min 1 s on web-1
    Error: no connection
`);
  });

  it.each([
    [{ kind: 'failing', isReminder: true }, 'billing.sync is still failing'],
    [{ kind: 'failing', failures: 1 }, 'billing.sync failed 1 time in a row!'],
    [{ kind: 'burst' }, 'billing.sync failed 10 times in a row, and has succeeded since'],
    [{ kind: 'overdue' }, 'billing.sync is overdue'],
    [{ kind: 'overdue', isReminder: true }, 'billing.sync is still overdue'],
    [{ kind: 'recovered' }, 'billing.sync has recovered'],
  ] as const)('of %j has its own subject', (changes, subject) => {
    expect(compose(noticeOf(changes)).subject).toBe(subject);
  });

  it('says when an overdue job was expected, and that one never succeeded', () => {
    const expectedAt = new Date('2026-03-29T08:00:00Z');
    const { text } = compose(
      noticeOf({ kind: 'overdue', since: null, lastSuccess: null, expectedAt, runs: [], nextRun: NOW }),
    );
    expect(text).toContain('Expected:      2026-03-29 10:00:00 +02:00 (2 h ago)');
    expect(text).toContain('Last success:  none in the log');
    expect(text).toContain('Next run:      at the next tick');
    expect(text).not.toContain('runs:');
  });

  it('of many jobs is one, with all of them in its bodies and few in its subject', () => {
    const notices = Array.from({ length: 50 }, (_, index) => noticeOf({ code: `job_${index}` }));
    const { subject, text, html } = compose(...notices, noticeOf({ code: 'fine', kind: 'recovered', runs: [] }));
    expect(subject).toBe('51 jobs: 50 failing (job_0, job_1, job_2 and 47 more), 1 recovered (fine)');
    for (const body of [text, html]) {
      expect(body.match(/failed 10 times in a row!/g)).toHaveLength(50);
      expect(body).toContain('fine has recovered');
    }
  });

  it('keeps hostile text a text: no header, no HTML, no command can be smuggled in', async () => {
    const evil = '</pre><script>alert(1)</script><img src="x" onerror=\'y\'>&lt;';
    const code = `x'; rm -rf / #\r\nBcc: thief@example.com\r\n\r\n${evil}`;
    const message = `${evil}\u001B[31mred\u001B[0m\0\u0007 end\r\n.\r\nQUIT\r\n`;
    const hostile = compose(noticeOf({ code, runs: [{ ...run, message, host: evil }], schedule: evil }));
    await using server = await startSmtp();
    const mail = { transport: server.url, from: 'cron@example.com', admins: ['ops@example.com'] };
    await mailNotifier({ ...mail, subjectPrefix: '[prod] ' }).notify(hostile, AbortSignal.timeout(10_000));
    const [received] = server.mails();
    expect(received!.recipients).toEqual(['ops@example.com']);
    expect(received!.bcc).toBeUndefined();
    expect(received!.headerLines.map(({ key }) => key)).not.toContain('bcc');
    expect(received!.subject).toMatch(/^\[prod\] x'; rm -rf \/ # Bcc: thief@example\.com /);
    const html = String(received!.html);
    expect(html).not.toMatch(/<script|<img|onerror='/);
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(received!.text).toContain(`--code 'x'\\''; rm -rf / #`);
    expect(received!.text).toContain('<script>alert(1)</script>');
    expect(received!.text).toMatch(/red\s+end\n\s+\.\n\s+QUIT/);
    expect(received!.text).not.toMatch(/[^\P{Cc}\n\t]/u);
    expect((await simpleParser(received!.raw)).attachments).toEqual([]);
  });
});
