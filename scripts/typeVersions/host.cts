import sql = require('@mikro-orm/mariadb');
import scheduling = require('mikro-orm-cron');

class Hello extends scheduling.CronJobBase {
  readonly code = 'types.hello';
  readonly schedule = new scheduling.Schedule({ runEveryMins: 5 });
  do({ now }: scheduling.CronJobContext): string {
    return now.toISOString();
  }
}

export = sql.defineConfig({ dbName: 'types', extensions: [scheduling.cron({ jobs: [Hello] })] });
