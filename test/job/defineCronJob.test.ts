import { describe, expect, it } from 'vitest';
import { defineCronJob, Schedule } from '../../src/index.ts';

const schedule = new Schedule({ runEveryMins: 5 });

describe('defineCronJob', () => {
  it('refuses an option that it does not know, when it is called', () => {
    const definition = { code: 'a.b', schedule, do: () => undefined, timeout: 5 };
    expect(() => defineCronJob(definition)).toThrow(
      'defineCronJob(): there is no option timeout; there are code, schedule, do, tags, ',
    );
  });

  it('refuses a definition without do()', () => {
    expect(() => defineCronJob({ code: 'a.b', schedule } as never)).toThrow(
      'defineCronJob(): "a.b" has no function do(context)',
    );
  });
});
