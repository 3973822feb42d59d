import { Migration } from '@mikro-orm/migrations';

/** Adds the column `fence` to `cron_job_log` and `cron_job_lock` on MySQL and MariaDB. Frozen: later changes are migrations of their own. */
export class AddCronFencesMySql extends Migration {
  override name = 'AddCronFencesMySql';

  /** Adds the columns; rows that are there get 0. */
  override up(): void {
    this.addSql(`alter table ${this.#table('cron_job_log')} add \`fence\` bigint not null default 0;`);
    this.addSql(`alter table ${this.#table('cron_job_lock')} add \`fence\` bigint not null default 0;`);
  }

  /** Drops the columns. */
  override down(): void {
    this.addSql(`alter table ${this.#table('cron_job_lock')} drop column \`fence\`;`);
    this.addSql(`alter table ${this.#table('cron_job_log')} drop column \`fence\`;`);
  }

  #table(name: string): string {
    const schema = this.config.getSchema(true);
    return schema ? `\`${schema}\`.\`${name}\`` : `\`${name}\``;
  }
}
