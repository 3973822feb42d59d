import { describe, expect, it } from 'vitest';
import { CronJobBase, defineCronJob, Schedule } from '../../src/index.ts';
import { selectJobs } from '../../src/job/selectJobs.ts';

const job = (name: string, code: string, tags: string[] = []): CronJobBase => {
  const JobClass = {
    [name]: class extends CronJobBase {
      readonly code = code;
      readonly schedule = new Schedule({ runEveryMins: 5 });
      override readonly tags = tags;
      do(): void {}
    },
  }[name]!;
  return new JobClass() as CronJobBase;
};

describe('jobs are selected', () => {
  const jobs = [
    job('Invoices', 'billing.invoices', ['money', 'nightly']),
    job('Reminders', 'billing.reminders', ['money']),
    job('Backup', 'system.backup', ['nightly']),
    job('Star', 'odd.*'),
    job('Odd', 'odd.one'),
  ];
  const codes = (names: string[], tags?: string[]) => selectJobs(jobs, names, tags).map(({ code }) => code);

  it('all, in their order, when nothing is said', () => {
    expect(codes([])).toHaveLength(5);
    expect(codes(['Backup', 'billing.invoices'])).toEqual(['billing.invoices', 'system.backup']);
  });

  it('by patterns of codes and class names', () => {
    expect(codes(['billing.*'])).toEqual(['billing.invoices', 'billing.reminders']);
    expect(codes(['*ackup'])).toEqual(['system.backup']);
    expect(codes(['?tar'])).toEqual(['odd.*']);
    expect(codes(['billing?invoices', '*.reminders'])).toEqual(['billing.invoices', 'billing.reminders']);
  });

  it('by an exact name before any pattern', () => {
    expect(codes(['odd.*'])).toEqual(['odd.*']);
    expect(codes(['odd.?n?'])).toEqual(['odd.one']);
  });

  it("by an exact code before any class name, which may be a bundler's", () => {
    const bundled = [job('b', 'a'), job('a', 'c')];
    expect(selectJobs(bundled, ['a']).map(({ code }) => code)).toEqual(['a']);
    expect(selectJobs(bundled, ['b']).map(({ code }) => code)).toEqual(['a']);
  });

  it('never by a class that several share, neither by its name nor by a pattern', () => {
    const [one, two] = ['x.one', 'x.two'].map(code =>
      defineCronJob({ code, schedule: new Schedule({ runEveryMins: 5 }), do: () => undefined }),
    );
    const defined = [one!, two!, ...jobs];
    expect(() => selectJobs(defined, [one!.constructor.name])).toThrow(
      `2 jobs are of the class '${one!.constructor.name}'; name them by their codes: x.one, x.two`,
    );
    expect(() => selectJobs(defined, ['Defined*'])).toThrow("There is no job 'Defined*'");
  });

  it('by the name that somebody may have meant only when they say so', () => {
    expect(() => codes(['billing.invoice'])).toThrow(
      "There is no job 'billing.invoice' (did you mean billing.invoices?); known jobs: billing.invoices, ",
    );
    expect(() => codes(['BACKUP.SYSTEM'])).toThrow("There is no job 'BACKUP.SYSTEM'; known jobs: ");
    expect(() => codes([], ['nihgtly'])).toThrow('(did you mean nightly?)');
  });

  it('by tags, any of which will do, and by both', () => {
    expect(codes([], ['money'])).toEqual(['billing.invoices', 'billing.reminders']);
    expect(codes([], ['money', 'nightly'])).toEqual(['billing.invoices', 'billing.reminders', 'system.backup']);
    expect(codes(['billing.*'], ['nightly'])).toEqual(['billing.invoices']);
  });

  it('never by what is unknown, and the known is told', () => {
    expect(() => codes(['billing.x*'])).toThrow(
      "There is no job 'billing.x*'; known jobs: billing.invoices, billing.reminders, system.backup, odd.*, odd.one",
    );
    expect(() => codes([], ['monthly'])).toThrow("There is no job with the tag 'monthly'; known tags: money, nightly");
    expect(() => codes(['Backup'], ['money'])).toThrow("There is no job 'Backup' with the tag 'money'");
  });
});
