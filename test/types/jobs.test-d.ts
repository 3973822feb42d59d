import type { EntityManager } from '@mikro-orm/sql';
import type { Duration } from 'luxon';
import * as v from 'valibot';
import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { CronJobBase, type CronJobContext, type CronJobLog, defineCronJob, Schedule } from '../../src/index.ts';

const schedule = new Schedule({ runEveryMins: 5 });

describe('a job class', () => {
  it('compiles with a code, a schedule and do()', () => {
    class Job extends CronJobBase {
      readonly code = 'types.job';
      readonly schedule = schedule;
      do() {
        return 'done';
      }
    }
    expectTypeOf(new Job().code).toEqualTypeOf<string>();
    expectTypeOf(new Job().getTimeUntilRun()).resolves.toEqualTypeOf<Duration | null>();
    expectTypeOf(new Job().getPrevSuccessCron()).resolves.toEqualTypeOf<CronJobLog | null>();
  });

  it('does not compile without a code, a schedule or do()', () => {
    // @ts-expect-error code is missing
    class WithoutCode extends CronJobBase {
      readonly schedule = schedule;
      do() {}
    }
    // @ts-expect-error schedule is missing
    class WithoutSchedule extends CronJobBase {
      readonly code = 'types.job';
      do() {}
    }
    // @ts-expect-error do() is missing
    class WithoutDo extends CronJobBase {
      readonly code = 'types.job';
      readonly schedule = schedule;
    }
    void [WithoutCode, WithoutSchedule, WithoutDo];
  });

  it('has its error at the member that is wrong', () => {
    class Job extends CronJobBase {
      // @ts-expect-error a code is a text
      readonly code = 7;
      // @ts-expect-error a schedule is a Schedule, not its options
      readonly schedule = { runEveryMins: 5 };
      // @ts-expect-error seconds are a number
      override readonly timeoutSeconds = '30';
      // @ts-expect-error there is no such isolation
      override readonly isolation = 'thread';
      do() {}
    }
    void Job;
  });

  it('may return anything from do(), at once or later', () => {
    class Job extends CronJobBase {
      readonly code = 'types.job';
      readonly schedule = schedule;
      async do() {
        return { sent: 3 };
      }
    }
    expectTypeOf<Job>().toExtend<CronJobBase>();
  });
});

describe('the context', () => {
  it('has what a job needs, typed', () => {
    expectTypeOf<CronJobContext['em']>().toExtend<EntityManager>();
    expectTypeOf<CronJobContext['signal']>().toEqualTypeOf<AbortSignal>();
    expectTypeOf<CronJobContext['log']>().toEqualTypeOf<CronJobLog>();
    expectTypeOf<CronJobContext['previousSuccess']>().toEqualTypeOf<CronJobLog | null>();
    expectTypeOf<CronJobContext['scheduledFor']>().toEqualTypeOf<Date | null>();
    expectTypeOf<CronJobContext['isForced']>().toEqualTypeOf<boolean>();
    expectTypeOf<CronJobContext['now']>().toEqualTypeOf<Date>();
    expectTypeOf<CronJobContext['write']>().parameters.toEqualTypeOf<[line: string]>();
  });
});

describe('defineCronJob', () => {
  it('gives do() its context without an annotation', () => {
    const job = defineCronJob({
      code: 'types.defined',
      schedule,
      do(context) {
        expectTypeOf(context).toEqualTypeOf<CronJobContext<undefined>>();
      },
    });
    expectTypeOf(job).toExtend<CronJobBase>();
  });

  it('gives context.args the type that the schema makes', () => {
    defineCronJob({
      code: 'types.zod',
      schedule,
      args: z.object({ from: z.coerce.date(), dryRun: z.stringbool().default(false) }),
      do: ({ args }) => expectTypeOf(args).toEqualTypeOf<{ from: Date; dryRun: boolean } | undefined>(),
    });
    defineCronJob({
      code: 'types.valibot',
      schedule,
      do: ({ args }) => expectTypeOf(args).toEqualTypeOf<{ from: string } | undefined>(),
      args: v.object({ from: v.string() }),
    });
    class WithArguments extends CronJobBase {
      readonly code = 'types.class';
      readonly schedule = schedule;
      override readonly args = z.object({ from: z.string() });
      do({ args }: CronJobContext<z.output<WithArguments['args']>>) {
        expectTypeOf(args).toEqualTypeOf<{ from: string } | undefined>();
      }
    }
    expectTypeOf(new WithArguments()).toExtend<CronJobBase>();
  });

  it('refuses a definition without a code, and an option it does not know', () => {
    // @ts-expect-error code is missing
    defineCronJob({ schedule, do() {} });
    defineCronJob({
      code: 'types.defined',
      schedule,
      do() {},
      // @ts-expect-error there is no such option
      timeout: 30,
    });
  });
});
