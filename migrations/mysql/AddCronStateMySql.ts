import { Migration } from '@mikro-orm/migrations';

/**
 * Creates `cron_job_state` and adds to `cron_job_log` why a run started and who requested it, on MySQL and MariaDB.
 * Frozen: later changes are migrations of their own.
 */
export class AddCronStateMySql extends Migration {
  override name = 'AddCronStateMySql';

  /** Adds the columns, which rows that are there leave empty, and creates the table. */
  override up(): void {
    const state = this.#table('cron_job_state');
    // One statement, so that a failure leaves the table as it was, whatever the database.
    this.addSql(
      `alter table ${this.#table('cron_job_log')} ` +
        'add `run_trigger` varchar(16) null, add `requested_by` varchar(255) null, add `request_id` varchar(36) null, ' +
        'add `queued_at` datetime(3) null, add `arguments` text null, add `missed_slots` int null;',
    );
    this.addSql(
      `create table ${state} (\`code\` varchar(64) collate utf8mb4_bin not null, ` +
        '`paused_at` datetime(3) null, `paused_until` datetime(3) null, ' +
        '`paused_by` varchar(255) null, `pause_reason` text null, ' +
        '`last_paused_at` datetime(3) null, `last_resumed_at` datetime(3) null, ' +
        '`last_paused_by` varchar(255) null, `last_pause_reason` text null, ' +
        '`skip_slot` datetime(3) null, `skip_until` datetime(3) null, ' +
        '`skipped_by` varchar(255) null, `request_id` varchar(36) null, ' +
        '`requested_at` datetime(3) null, `requested_by` varchar(255) null, ' +
        '`request_arguments` text null, `cancel_runs` text null, ' +
        '`cancel_requested_at` datetime(3) null, `cancel_requested_by` varchar(255) null, ' +
        '`missed_through` datetime(3) null, `notified` text null, ' +
        'primary key (`code`)) default character set utf8mb4 engine = InnoDB;',
    );
  }

  /** Drops the table and the columns; rows of the log stay. */
  override down(): void {
    this.addSql(`drop table if exists ${this.#table('cron_job_state')};`);
    this.addSql(
      `alter table ${this.#table('cron_job_log')} ` +
        'drop column `missed_slots`, drop column `arguments`, drop column `queued_at`, drop column `request_id`, drop column `requested_by`, drop column `run_trigger`;',
    );
  }

  #table(name: string): string {
    const schema = this.config.getSchema(true);
    return schema ? `\`${schema}\`.\`${name}\`` : `\`${name}\``;
  }
}
