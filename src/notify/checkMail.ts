import { CronSettingsError } from '../errors.ts';
import { isListOf, membersOf, type OptionRule, readOptions } from '../util/options.ts';
import { showSecret, showValue } from '../util/rules.ts';
import type { MailSettings } from './MailSettings.ts';
import type { Notifier } from './Notifier.ts';

/** A line break in an address or prefix would begin a header of its own. */
const isLine = (value: unknown) => typeof value === 'string' && value.trim() !== '' && !/\p{Cc}/u.test(value);

/** A hundred years: with more, dates come out that no calendar has. */
const MOST_MINUTES = 52_560_000;

const isMinutes = (value: unknown) => typeof value === 'number' && value > 0 && value <= MOST_MINUTES;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const mailRules: Record<keyof MailSettings, OptionRule> = {
  transport: {
    allowed: "an SMTP URL such as 'smtps://mail.example.com', nodemailer's options, or a Transporter",
    isAllowed: value =>
      typeof value === 'string'
        ? URL.canParse(value) && /^smtps?:$/.test(new URL(value).protocol) && new URL(value).hostname !== ''
        : isObject(value) && !Array.isArray(value),
    isRequired: true,
    isSecret: true,
  },
  from: {
    allowed: "an address such as 'Cron <cron@example.com>', on one line",
    isAllowed: value => isLine(value) && (value as string).includes('@'),
    isRequired: true,
  },
  admins: {
    allowed: "an array of one or more addresses such as ['ops@example.com'], each on one line",
    isAllowed: value => isListOf(value, item => isLine(item) && (item as string).includes('@')) && value.length > 0,
    isRequired: true,
  },
  subjectPrefix: {
    allowed: 'a text on one line',
    isAllowed: value => value === '' || (typeof value === 'string' && !/\p{Cc}/u.test(value)),
  },
  notifyRecovery: { allowed: 'true or false', isAllowed: value => typeof value === 'boolean' },
  remindAfterMins: { allowed: `a number of minutes above 0 and at most ${MOST_MINUTES}`, isAllowed: isMinutes },
  notifyOverdue: {
    allowed: 'true, false, or { marginMins: 60 } with a number of minutes above 0',
    isAllowed: value =>
      typeof value === 'boolean' ||
      (isObject(value) && membersOf(value).every(key => key === 'marginMins') && isMinutes(value['marginMins'])),
  },
};

/**
 * Reads the setting `mail` and checks it.
 *
 * @throws CronSettingsError naming what is wrong and what is allowed; never showing the transport, which holds a password.
 */
export function readMail(mail: unknown): MailSettings {
  if (!isObject(mail) || Array.isArray(mail)) {
    // Whoever took it for the transport's URL has written a password there.
    throw new CronSettingsError(
      `cron({ mail }): a value of type ${typeof mail} is not allowed; it must be { transport, from, admins }`,
    );
  }
  const settings = readOptions<MailSettings>(mail, mailRules, {
    about: key => `cron({ mail.${key} }):`,
    unknown: key => `cron({ mail.${key} }): there is no such setting`,
    error: message => new CronSettingsError(message),
  });
  return { ...settings, admins: [...settings.admins] };
}

/**
 * Reads the setting `notifiers` and checks it.
 *
 * @throws CronSettingsError naming what is wrong and what is allowed; never showing a notifier, which may be a URL.
 */
export function readNotifiers(notifiers: unknown): readonly Notifier[] {
  const allowed = 'it must be an array of objects with a name and a method notify(notification, signal)';
  if (!Array.isArray(notifiers)) {
    throw new CronSettingsError(`cron({ notifiers }): a value of type ${typeof notifiers} is not allowed; ${allowed}`);
  }
  const names = new Set(['mail']);
  return Array.from<unknown>(notifiers).map((given, index) => {
    const notifier = isObject(given) ? (given as Partial<Notifier>) : undefined;
    const name: unknown = notifier?.name;
    if (typeof name !== 'string' || !isLine(name) || typeof notifier?.notify !== 'function') {
      throw new CronSettingsError(
        `cron({ notifiers }): item ${index}, ${showSecret(given)}, is not allowed; ${allowed}`,
      );
    }
    if (names.has(name)) {
      throw new CronSettingsError(
        `cron({ notifiers }): the name ${showValue(name)} is taken; each notifier needs a name of its own, and 'mail' is the built-in notifier's`,
      );
    }
    names.add(name);
    return { name, notify: async (notification, signal) => notifier.notify!(notification, signal) };
  });
}
