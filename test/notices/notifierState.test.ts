import { describe, expect, it } from 'vitest';
import { fitMessage, MESSAGE_BYTES } from '../../src/history/RunMessage.ts';
import { type NotifierStates, stateLine, readStateLine } from '../../src/notices/notifierState.ts';

const plain = (states: NotifierStates) => JSON.parse(JSON.stringify(states));

describe('the line by which the notification job remembers', () => {
  it('is read back from a message, the last one if there are several', () => {
    const jobs = {
      a: { failing: { at: 1, first: 2, last: 3 }, overdue: { at: 4, base: 5 }, waiting: 5 },
      ['__proto__']: { waiting: 6 },
      constructor: { waiting: 7 },
    };
    const message = `mail: a failing\n${stateLine({})}\n${stateLine({ mail: { at: 9, jobs } })}\nError: no\n    at x`;
    expect(plain(readStateLine(message))).toEqual({ mail: { at: 9, jobs } });
  });

  it('is nothing in a message without one, or with a broken one', () => {
    for (const message of [
      '',
      'ran well',
      'ledger: ',
      'ledger: {"mail":',
      'ledger: AAAA',
      'x ledger: {}',
      'ledger: {"mail":null}',
    ]) {
      expect(plain(readStateLine(message))).toEqual({});
    }
  });

  it('survives in the log with hundreds of failing jobs and a long error after it', () => {
    const names = Array.from({ length: 500 }, (_, index) => `some_application.some_module.a_job_of_it_${index}`);
    const at = Date.parse('2026-03-29T00:00:00Z');
    const entry = (index: number) => ({
      failing: { at: at + index, first: at - index * 7_919, last: at - index * 104_729 },
    });
    const jobs = Object.fromEntries(names.map((name, index) => [name, entry(index)]));
    const states = { mail: { at, jobs }, webhook: { at, jobs } };
    const message = fitMessage(`mail: 500 jobs\n${stateLine(states)}\n${'x'.repeat(2 * MESSAGE_BYTES)}`);
    expect(plain(readStateLine(message))).toEqual(states);
  });
});
