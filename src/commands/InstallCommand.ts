import type { Argv, CommandModule } from 'yargs';
import { type HostArguments } from './hostArguments.ts';

/** `cron:install`: puts re-exports of the shipped migrations into the host's migrations folder. */
export class InstallCommand implements CommandModule<HostArguments, HostArguments> {
  readonly command = 'cron:install';
  readonly describe = "Put the migration of the cron tables into the host's migrations folder";

  readonly builder = (yargs: Argv<HostArguments>): Argv<HostArguments> =>
    yargs.example('$0 cron:install', 'Then run: npx mikro-orm migration:up');

  readonly handler = async (args: HostArguments): Promise<void> => {
    const { installMigrations } = await import('./installMigrations.ts');
    const { openHost } = await import('./openHost.ts');
    const { getCronRunner } = await import('../extension.ts');
    await using host = await openHost(args);
    // A config without cron() would migrate tables that nothing then uses.
    getCronRunner(host.orm);
    const installed = await installMigrations(host.orm);
    for (const { migration, file, wasThere } of installed) {
      process.stdout.write(`${migration}: ${file} ${wasThere ? 'is there already' : 'written'}\n`);
    }
    process.stdout.write('Next: npx mikro-orm migration:up\n');
  };
}
