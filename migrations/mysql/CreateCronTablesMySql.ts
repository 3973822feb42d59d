import { Migration } from '@mikro-orm/migrations';

/** Creates `cron_job_log` and `cron_job_lock` on MySQL and MariaDB. Frozen: later changes are migrations of their own. */
export class CreateCronTablesMySql extends Migration {
  override name = 'CreateCronTablesMySql';

  /** Creates both tables. */
  override up(): void {
    const log = this.#table('cron_job_log');
    const lock = this.#table('cron_job_lock');
    const options = 'default character set utf8mb4 engine = InnoDB';
    const code = '`code` varchar(64) collate utf8mb4_bin not null';
    this.addSql(
      `create table ${lock} (${code}, \`owner\` varchar(36) null, \`host\` varchar(255) not null, \`pid\` int not null, \`locked_at\` datetime(3) null, \`locked_until\` datetime(3) null, primary key (\`code\`)) ${options};`,
    );
    this.addSql(
      `create table ${log} (\`id\` bigint unsigned not null auto_increment primary key, ${code}, \`start_time\` datetime(3) not null, \`end_time\` datetime(3) null, \`status\` varchar(16) not null, \`message\` text not null, \`ran_at_time\` varchar(5) null, \`scheduled_for\` datetime(3) null, \`host\` varchar(255) not null, \`pid\` int not null,` +
        ' index `cron_job_log_code_start_time_index` (`code`, `start_time`, `id`),' +
        ' index `cron_job_log_code_status_start_time_index` (`code`, `status`, `start_time`, `id`),' +
        ' index `cron_job_log_code_status_scheduled_for_index` (`code`, `status`, `scheduled_for`),' +
        ` index \`cron_job_log_end_time_index\` (\`end_time\`)) ${options};`,
    );
  }

  /** Drops both tables, with the log in them. */
  override down(): void {
    this.addSql(`drop table if exists ${this.#table('cron_job_log')};`);
    this.addSql(`drop table if exists ${this.#table('cron_job_lock')};`);
  }

  #table(name: string): string {
    const schema = this.config.getSchema(true);
    return schema ? `\`${schema}\`.\`${name}\`` : `\`${name}\``;
  }
}
