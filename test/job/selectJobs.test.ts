import { describe, expect, it } from 'vitest';
import { CronJobBase, Schedule } from '../../src/index.ts';
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
