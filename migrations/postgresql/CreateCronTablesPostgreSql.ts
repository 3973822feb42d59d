import { Migration } from '@mikro-orm/migrations';

/** Creates `cron_job_log` and `cron_job_lock` on PostgreSQL and PGlite. Frozen: later changes are migrations of their own. */
export class CreateCronTablesPostgreSql extends Migration {
  override name = 'CreateCronTablesPostgreSql';

  /** Creates both tables. */
  override up(): void {
    const schema = this.config.getSchema(true);
    if (schema) {
      this.addSql(`create schema if not exists "${schema}";`);
    }
    const log = this.#table('cron_job_log');
    const lock = this.#table('cron_job_lock');
    this.addSql(
      `create table ${lock} ("code" varchar(64) not null, "owner" varchar(36) null, "host" varchar(255) not null, "pid" int not null, "locked_at" timestamptz(3) null, "locked_until" timestamptz(3) null, primary key ("code"));`,
    );
    this.addSql(
      `create table ${log} ("id" bigserial primary key, "code" varchar(64) not null, "start_time" timestamptz(3) not null, "end_time" timestamptz(3) null, "status" varchar(16) not null, "message" text not null, "ran_at_time" varchar(5) null, "scheduled_for" timestamptz(3) null, "host" varchar(255) not null, "pid" int not null);`,
    );
    this.addSql(`create index "cron_job_log_code_start_time_index" on ${log} ("code", "start_time", "id");`);
    this.addSql(
      `create index "cron_job_log_code_status_start_time_index" on ${log} ("code", "status", "start_time", "id");`,
    );
    this.addSql(
      `create index "cron_job_log_code_status_scheduled_for_index" on ${log} ("code", "status", "scheduled_for");`,
    );
    this.addSql(`create index "cron_job_log_end_time_index" on ${log} ("end_time");`);
  }

  /** Drops both tables, with the log in them. */
  override down(): void {
    this.addSql(`drop table if exists ${this.#table('cron_job_log')};`);
    this.addSql(`drop table if exists ${this.#table('cron_job_lock')};`);
  }

  #table(name: string): string {
    const schema = this.config.getSchema(true);
    return schema ? `"${schema}"."${name}"` : `"${name}"`;
  }
}
