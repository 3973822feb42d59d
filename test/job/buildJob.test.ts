import { describe, expect, it } from 'vitest';
import { CronJobBase, Schedule } from '../../src/index.ts';
import { buildJob } from '../../src/job/buildJob.ts';

class Plain extends CronJobBase {
  readonly code: string = 'a.plain';
  readonly schedule = new Schedule({ runEveryMins: 5 });
  do() {}
}

class Needy extends Plain {
  readonly service: string;

  constructor(service: string, _other?: string) {
    super();
    this.service = service;
  }
}

class Heir extends Needy {}

class Frugal extends Needy {
  constructor(service = 'none') {
    super(service);
  }
}

const build = (JobClass: new (...args: never[]) => CronJobBase) => () => buildJob(JobClass);

describe('without createJob a job class', () => {
  it.each([
    [Needy, 2],
    [Heir, 2],
    [class extends Heir {}, 2],
  ])('whose constructor takes parameters is refused: %o', (JobClass, count) => {
    expect(build(JobClass)).toThrow(
      `its constructor takes ${count} parameters; set createJob in cron(), use nestJobs() in a NestJS application, or give each parameter a default value`,
    );
  });

  it.each([Plain, Frugal, class extends Frugal {}])('that needs none is built: %o', JobClass => {
    expect(build(JobClass)()).toBeInstanceOf(JobClass);
  });
});
