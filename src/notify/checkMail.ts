import { CronSettingsError } from '../errors.ts';
import { showValue } from '../util/rules.ts';
import type { MailSettings } from './MailSettings.ts';
import type { Notifier } from './Notifier.ts';

interface Rule {
  readonly allowed: string;
  readonly isAllowed: (value: unknown) => boolean;
  readonly isRequired?: boolean;
  /** Whether the value must not be shown. */
  readonly isSecret?: boolean;
}

/** A line break in an address or prefix would begin a header of its own. */
const isLine = (value: unknown) => typeof value === 'string' && value.trim() !== '' && !/\p{Cc}/u.test(value);

const isMinutes = (value: unknown) => typeof value === 'number' && Number.isFinite(value) && value > 0;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const rules: Record<keyof MailSettings, Rule> = {
  transport: {
    allowed: "an SMTP URL such as 'smtps://user:password@mail.example.com', nodemailer's options, or a Transporter",
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
    isAllowed: value =>
      Array.isArray(value) && value.length > 0 && value.every(item => isLine(item) && item.includes('@')),
    isRequired: true,
  },
  subjectPrefix: {
    allowed: 'a text on one line',
    isAllowed: value => value === '' || (typeof value === 'string' && !/\p{Cc}/u.test(value)),
  },
  notifyRecovery: { allowed: 'true or false', isAllowed: value => typeof value === 'boolean' },
  remindAfterMins: { allowed: 'a number of minutes above 0', isAllowed: isMinutes },
  notifyOverdue: {
    allowed: 'true, false, or { marginMins: 60 } with a number of minutes above 0',
    isAllowed: value =>
      typeof value === 'boolean' ||
      (isObject(value) && Object.keys(value).every(key => key === 'marginMins') && isMinutes(value['marginMins'])),
  },
};

/**
 * Checks the setting `mail`.
 *
 * @throws CronSettingsError naming what is wrong and what is allowed; never showing the transport, which holds a password.
 */
export function checkMail(mail: unknown): void {
  if (!isObject(mail) || Array.isArray(mail)) {
    // Whoever took it for the transport's URL has written a password there.
    throw new CronSettingsError(
      `cron({ mail }): a value of type ${typeof mail} is not allowed; it must be { transport, from, admins }`,
    );
  }
  for (const key of Object.keys(mail)) {
    if (!(key in rules)) {
      throw new CronSettingsError(
        `cron({ mail.${key} }): there is no such setting; there are ${Object.keys(rules).join(', ')}`,
      );
    }
  }
  for (const [key, { allowed, isAllowed, isRequired, isSecret }] of Object.entries(rules)) {
    const value = mail[key];
    if (value === undefined ? isRequired : !isAllowed(value)) {
      const shown = value === undefined ? 'it is missing' : isSecret ? 'it' : showValue(value);
      throw new CronSettingsError(
        `cron({ mail.${key} }): ${shown}${value === undefined ? '' : ' is not allowed'}; it must be ${allowed}`,
      );
    }
  }
}

/**
 * Checks the setting `notifiers`.
 *
 * @throws CronSettingsError naming what is wrong and what is allowed.
 */
export function checkNotifiers(notifiers: unknown): void {
  const allowed = 'it must be an array of objects with a name and a method notify(notification, signal)';
  if (!Array.isArray(notifiers)) {
    throw new CronSettingsError(`cron({ notifiers }): a value of type ${typeof notifiers} is not allowed; ${allowed}`);
  }
  const names = new Set(['mail']);
  for (const notifier of notifiers as readonly Partial<Notifier>[]) {
    if (!isObject(notifier) || !isLine(notifier.name) || typeof notifier.notify !== 'function') {
      throw new CronSettingsError(`cron({ notifiers }): ${showValue(notifier)} is not allowed; ${allowed}`);
    }
    if (names.has(notifier.name!)) {
      throw new CronSettingsError(
        `cron({ notifiers }): the name ${showValue(notifier.name)} is taken; each notifier needs one of its own, and 'mail' is the built-in one's`,
      );
    }
    names.add(notifier.name!);
  }
}
