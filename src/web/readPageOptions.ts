import { CronError } from '../errors.ts';
import { type OptionRule, readOptions } from '../util/options.ts';
import type { CronPageOptions } from './CronPageOptions.ts';

const callable: OptionRule = { allowed: 'a function', isAllowed: value => typeof value === 'function' };

const rules: Record<keyof CronPageOptions, OptionRule> = {
  basePath: {
    allowed: "a path that begins with a slash, as in '/admin/cron'",
    isAllowed: value => typeof value === 'string' && /^(?:\/[\w.~%!$&'()*+,;=:@-]+)*\/?$/.test(value),
  },
  authorize: {
    allowed: "a function that gives { access: 'view' | 'operate', name } or null",
    example:
      "cronPage(orm, { authorize: request => (isAdmin(request) ? { access: 'operate', name: 'admin' } : null) })",
    isAllowed: callable.isAllowed,
    isRequired: true,
  },
  formatMessage: callable,
};

/** The options of a page, with their defaults. */
export type ReadPageOptions = CronPageOptions & { readonly basePath: string };

/** @throws CronError when an option is not allowed or `authorize` is missing: a page that anybody can open is not made. */
export function readPageOptions(given: CronPageOptions): ReadPageOptions {
  const error = (message: string) => new CronError(message);
  const options = readOptions<CronPageOptions>(given ?? {}, rules, {
    about: key => `cronPage(): ${key}:`,
    unknown: key => `cronPage(): there is no option ${key}`,
    error,
  });
  return { ...options, basePath: (options.basePath ?? '').replace(/\/$/, '') };
}
