import { Migration } from '@mikro-orm/migrations';

/** Adds the column `fence` to `cron_job_log` and `cron_job_lock` on SQLite and libSQL. Frozen: later changes are migrations of their own. */
export class AddCronFencesSqlite extends Migration {
  override name = 'AddCronFencesSqlite';

  /** Adds the columns; rows that are there get 0. */
  override up(): void {
    this.addSql('alter table `cron_job_log` add column `fence` integer not null default 0;');
    this.addSql('alter table `cron_job_lock` add column `fence` integer not null default 0;');
  }

  /** Drops the columns. */
  override down(): void {
    this.addSql('alter table `cron_job_lock` drop column `fence`;');
    this.addSql('alter table `cron_job_log` drop column `fence`;');
  }
}
