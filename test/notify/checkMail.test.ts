import { describe, expect, it } from 'vitest';
import { cron, type CronSettings } from '../../src/index.ts';

const mail = {
  transport: 'smtp://user:sEcReT@mail.example.com',
  from: 'cron@example.com',
  admins: ['ops@example.com'],
};
const notifier = { name: 'a', notify: async () => undefined };

describe('the settings mail and notifiers', () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['mail', { mail: 'smtp://user:sEcReT@host' }, /a value of type string is not allowed; it must be \{ transport/],
    ['mail.transport', { mail: { ...mail, transport: undefined } }, /it is missing; it must be an SMTP URL/],
    ['mail.transport', { mail: { ...mail, transport: 'user:sEcReT@host' } }, /it is not allowed; it must be an SMTP/],
    ['mail.transport', { mail: { ...mail, transport: 'http://sEcReT' } }, /it is not allowed/],
    ['mail.transport', { mail: { ...mail, transport: 25 } }, /it is not allowed/],
    ['mail.from', { mail: { ...mail, from: 'cron@example.com\r\nBcc: x@y' } }, /on one line/],
    ['mail.from', { mail: { ...mail, from: undefined } }, /it is missing/],
    ['mail.admins', { mail: { ...mail, admins: [] } }, /\[\] is not allowed; it must be an array of one or more/],
    ['mail.admins', { mail: { ...mail, admins: 'ops@example.com' } }, /must be an array/],
    ['mail.admins', { mail: { ...mail, admins: ['nobody'] } }, /\["nobody"\] is not allowed/],
    ['mail.subjectPrefix', { mail: { ...mail, subjectPrefix: 'a\nb' } }, /must be a text on one line/],
    ['mail.notifyRecovery', { mail: { ...mail, notifyRecovery: 1 } }, /1 is not allowed; it must be true or false/],
    ['mail.remindAfterMins', { mail: { ...mail, remindAfterMins: 0 } }, /0 is not allowed/],
    ['mail.notifyOverdue', { mail: { ...mail, notifyOverdue: 60 } }, /60 is not allowed; it must be true, false, or/],
    ['mail.notifyOverdue', { mail: { ...mail, notifyOverdue: { marginMins: -1 } } }, /is not allowed/],
    ['mail.to', { mail: { ...mail, to: 'x' } }, /there is no such setting; there are transport, from, admins/],
    ['notifiers', { notifiers: notifier }, /a value of type object is not allowed; it must be an array/],
    ['notifiers', { notifiers: [{ notify: notifier.notify }] }, /must be an array of objects with a name/],
    ['notifiers', { notifiers: [notifier, notifier] }, /the name "a" is taken/],
    ['notifiers', { notifiers: [{ ...notifier, name: 'mail' }] }, /the name "mail" is taken/],
  ])('refuse a bad %s, naming what is allowed and showing no secret', (key, settings, message) => {
    const call = () => cron({ jobs: [], ...settings } as CronSettings);
    expect(call).toThrow(message);
    expect(call).toThrow(`cron({ ${key} }): `);
    expect(call).not.toThrow(/sEcReT/);
  });

  it('take what is allowed', () => {
    const settings = { subjectPrefix: '', remindAfterMins: 60, notifyOverdue: { marginMins: 5 } };
    expect(() => cron({ jobs: [], mail: { ...mail, ...settings }, notifiers: [notifier] })).not.toThrow();
  });
});
