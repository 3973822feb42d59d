import { Migration } from '@mikro-orm/migrations';

/** Creates `cron_job_log` and `cron_job_lock` on SQLite and libSQL. Frozen: later changes are migrations of their own. */
export class CreateCronTablesSqlite extends Migration {
  override name = 'CreateCronTablesSqlite';

  /** Creates both tables. */
  override up(): void {
    this.addSql(
      'create table `cron_job_lock` (`code` text not null primary key, `owner` text null, `host` text not null, `pid` integer not null, `locked_at` datetime null, `locked_until` datetime null);',
    );
    this.addSql(
      'create table `cron_job_log` (`id` integer not null primary key autoincrement, `code` text not null, `start_time` datetime not null, `end_time` datetime null, `status` text not null, `message` text not null, `ran_at_time` text null, `scheduled_for` datetime null, `host` text not null, `pid` integer not null);',
    );
    this.addSql('create index `cron_job_log_code_start_time_index` on `cron_job_log` (`code`, `start_time`, `id`);');
    this.addSql(
      'create index `cron_job_log_code_status_start_time_index` on `cron_job_log` (`code`, `status`, `start_time`, `id`);',
    );
    this.addSql(
      'create index `cron_job_log_code_status_scheduled_for_index` on `cron_job_log` (`code`, `status`, `scheduled_for`);',
    );
    this.addSql('create index `cron_job_log_end_time_index` on `cron_job_log` (`end_time`);');
  }

  /** Drops both tables, with the log in them. */
  override down(): void {
    this.addSql('drop table if exists `cron_job_log`;');
    this.addSql('drop table if exists `cron_job_lock`;');
  }
}
