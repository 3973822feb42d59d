import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { describeBy, describeError } from '../../src/util/thrown.ts';

/** An error as HTTP clients throw it: request and response hang on it. */
function httpError(): Error {
  return Object.assign(new Error('Request failed with status code 503'), {
    code: 'ERR_BAD_RESPONSE',
    status: 503,
    config: { headers: { Authorization: 'Bearer sEcReT' }, data: '{"password":"sEcReT"}', params: { key: 'sEcReT' } },
    request: { body: 'sEcReT' },
    response: { headers: { 'set-cookie': 'sEcReT' }, data: 'sEcReT' },
    detail: 'Key (email)=(sEcReT) already exists.',
    sql: "insert into t values ('sEcReT')",
    parameters: ['sEcReT'],
    toJSON: () => 'sEcReT',
  });
}

describe('the description of an error', () => {
  it('has its stack and the fields that say what went wrong, and no other', () => {
    const text = describeError(httpError());
    expect(text).toMatch(/^Error: Request failed with status code 503\n {4}at /);
    expect(text).toContain("code: 'ERR_BAD_RESPONSE'");
    expect(text).toContain('status: 503');
    expect(text).not.toContain('sEcReT');
  });

  it('of a process that failed has no arguments', () => {
    try {
      execFileSync(process.execPath, ['-e', 'process.exit(3)', '--', 'sEcReT'], { env: { TOKEN: 'sEcReT' } });
    } catch (error) {
      // Node puts the command line into the message, which is the thrower's own words; nothing else may carry it.
      const fields = describeError(Object.assign(error as Error, { message: 'failed', stack: 'Error: failed' }));
      expect(fields).not.toContain('sEcReT');
      return;
    }
    throw new Error('it did not fail');
  });

  it('goes through causes, errors of an AggregateError, and what was thrown without being an error', () => {
    const text = describeError(
      new AggregateError([httpError(), new TypeError('second')], 'all failed', {
        cause: new RangeError('third', { cause: { status: 404, message: 'fourth', body: 'sEcReT' } }),
      }),
    );
    for (const part of ['AggregateError: all failed', 'status code 503', 'TypeError: second', 'RangeError: third']) {
      expect(text).toContain(part);
    }
    expect(text).toContain("Thrown: { message: 'fourth', status: 404 }");
    expect(text).not.toContain('sEcReT');
  });

  it.each([
    ['a text', 'a text', 'Thrown: a text'],
    ['undefined', undefined, 'Thrown: undefined'],
    ['an object', { token: 'sEcReT', code: 'E1' }, "Thrown: { code: 'E1' }"],
    ['a response', new Response('sEcReT', { status: 500 }), 'Thrown: Response { status: 500'],
    ['an object without a prototype', Object.create(null), 'Thrown: {}'],
    ['a list', [{ token: 'sEcReT' }], 'Thrown: Array {}'],
  ])('of %s that was thrown', (_, thrown, text) => {
    expect(describeError(thrown)).toContain(text);
    expect(describeError(thrown)).not.toContain('sEcReT');
  });

  it('ends, and stays bounded, whatever hangs together', () => {
    const round = new Error('round');
    round.cause = round;
    expect(describeError(round)).toContain('[Error: see above]');
    const wide = new AggregateError(Array.from({ length: 1_000 }, (_, index) => new Error(`e${index}`)));
    wide.errors.push(wide);
    expect(describeError(wide)).toContain('… 981 more');
    let deep = new Error('bottom');
    for (let level = 0; level < 10_000; level++) {
      deep = new Error(`level ${level}`, { cause: deep });
    }
    expect(describeError(deep).length).toBeLessThan(50_000);
    expect(describeError(new Error('x'.repeat(1e7))).length).toBeLessThan(50_000);
  });

  it('does not fail with an error that is hostile to it', () => {
    const hostile = new Error('hostile');
    for (const name of ['code', 'cause', 'errors', 'stack', 'name', 'message']) {
      Object.defineProperty(hostile, name, {
        get() {
          throw new Error('no');
        },
      });
    }
    expect(describeError(hostile)).toMatch(/hostile|cannot be printed/);
    expect(describeError(Object.assign(new Error('odd'), { stack: 5, code: Symbol('s') }))).toContain('odd');
  });

  it('says the name and message that an error got after it was made', () => {
    const late = new Error('early');
    late.name = 'LateError';
    late.message = 'late';
    expect(describeError(late)).toMatch(/^LateError: late/);
  });

  it('has no credentials of URLs', () => {
    expect(describeError(new Error('cannot reach postgresql://app:sEcReT@db/app'))).not.toContain('sEcReT');
  });

  it("is the host's own where it has one", () => {
    const describe = describeBy(error => (error instanceof Error ? `! ${error.message}` : undefined));
    expect(describe(new Error('mine'))).toBe('! mine');
    expect(describe('no text given')).toBe('Thrown: no text given');
    const failing = describeBy(() => {
      throw new Error('no');
    });
    expect(failing(new Error('mine'))).toMatch(/^Error: mine\n/);
  });
});
