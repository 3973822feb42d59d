import { Migration } from '@mikro-orm/migrations';

/**
 * Creates `cron_job_state` and adds to `cron_job_log` why a run started and who requested it, on SQLite and libSQL.
 * Frozen: later changes are migrations of their own.
 */
export class AddCronStateSqlite extends Migration {
  override name = 'AddCronStateSqlite';

  /** Adds the columns, which rows that are there leave empty, and creates the table. */
  override up(): void {
    this.addSql('alter table `cron_job_log` add column `run_trigger` text null;');
    this.addSql('alter table `cron_job_log` add column `requested_by` text null;');
    this.addSql('alter table `cron_job_log` add column `request_id` text null;');
    this.addSql('alter table `cron_job_log` add column `queued_at` datetime null;');
    this.addSql('alter table `cron_job_log` add column `arguments` text null;');
    this.addSql('alter table `cron_job_log` add column `missed_slots` integer null;');
    this.addSql(
      'create table `cron_job_state` (`code` text not null primary key, ' +
        '`paused_at` datetime null, `paused_until` datetime null, `paused_by` text null, ' +
        '`pause_reason` text null, `last_paused_at` datetime null, `last_resumed_at` datetime null, ' +
        '`last_paused_by` text null, `last_pause_reason` text null, `skip_slot` datetime null, ' +
        '`skip_until` datetime null, `skipped_by` text null, `request_id` text null, ' +
        '`requested_at` datetime null, `requested_by` text null, `request_arguments` text null, ' +
        '`cancel_runs` text null, `cancel_requested_at` datetime null, `cancel_requested_by` text null, ' +
        '`missed_through` datetime null, `notified` text null);',
    );
  }

  /** Drops the table and the columns; rows of the log stay. */
  override down(): void {
    this.addSql('drop table if exists `cron_job_state`;');
    this.addSql('alter table `cron_job_log` drop column `missed_slots`;');
    this.addSql('alter table `cron_job_log` drop column `arguments`;');
    this.addSql('alter table `cron_job_log` drop column `queued_at`;');
    this.addSql('alter table `cron_job_log` drop column `request_id`;');
    this.addSql('alter table `cron_job_log` drop column `requested_by`;');
    this.addSql('alter table `cron_job_log` drop column `run_trigger`;');
  }
}
