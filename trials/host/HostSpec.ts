/** What a trial asks of its host's processes, handed on as JSON in TRIAL_HOST. */
export interface HostSpec {
  readonly driver: 'postgresql' | 'mariadb' | 'sqlite';
  /** What MikroORM needs to get to the database. */
  readonly connection: { readonly clientUrl?: string; readonly dbName?: string };
  readonly lock:
    | { readonly kind: 'database' }
    | { readonly kind: 'redis'; readonly url: string }
    | { readonly kind: 'file'; readonly directory: string };
  readonly leaseSeconds: number;
  readonly concurrency: number;
  readonly jobs: JobsSpec;
  /** File that all processes append to. */
  readonly witness: string;
  readonly seed: number;
  /** Passed to `cron()` where it knows them. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** Which jobs the host has. */
export type JobsSpec =
  | {
      /** Jobs with a backlog of slots, each of which must run once. */
      readonly kind: 'slots';
      readonly count: number;
      /** When the slots are, in UTC. */
      readonly cron: string;
    }
  | {
      /** Jobs that are due at every tick. */
      readonly kind: 'steady';
      readonly count: number;
    }
  | {
      /** A job of each kind that there is: quick, failing, timing out, and so on. */
      readonly kind: 'mixed';
    };

/** The spec that the trial has given to this process. */
export function hostSpec(): HostSpec {
  return JSON.parse(process.env['TRIAL_HOST'] ?? '') as HostSpec;
}

/** The name of this process within the trial. */
export function processName(): string {
  return process.env['TRIAL_PROCESS'] ?? String(process.pid);
}
