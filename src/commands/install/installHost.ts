import type { HostOptions } from '../../host/HostOptions.ts';
import { openHost } from '../../host/openHost.ts';
import { getCronRunner } from '../../runner/extension.ts';
import { DataStream } from '../../terminal/DataStream.ts';
import { forHost } from '../forHost.ts';
import { type DeploymentForm, deploymentForms } from './deploymentForms.ts';
import { installMigrations } from './installMigrations.ts';
import { readDeployment } from './readDeployment.ts';

/** What `cron:install` was asked for. */
export interface InstallOptions extends HostOptions {
  /** Print these instead of installing anything. */
  readonly forms: readonly DeploymentForm[] | undefined;
  readonly json: boolean;
}

/** Installs the migrations, or prints how the host is called. */
export async function installHost(options: InstallOptions): Promise<void> {
  using data = options.json ? new DataStream() : undefined;
  await using host = await openHost(options);
  // A config without cron() would migrate tables that nothing then uses.
  const { settings } = getCronRunner(host.orm);
  if (options.forms) {
    const deployment = readDeployment(options, settings.shutdownGraceSeconds);
    const texts = options.forms.map(form => [form, deploymentForms[form](deployment)] as const);
    data?.json(Object.fromEntries(texts), 2);
    if (!data) {
      process.stdout.write(texts.map(([, text]) => text).join('\n'));
    }
    return;
  }
  const installed = await installMigrations(host.orm);
  if (data) {
    data.json(installed, 2);
    return;
  }
  for (const { migration, file, wasThere } of installed) {
    process.stdout.write(`${migration}: ${file} ${wasThere ? 'is there already' : 'written'}\n`);
  }
  process.stdout.write(
    forHost(
      'Next: npx mikro-orm migration:up\n' +
        'Then: npx mikro-orm-cron cron:check, and npx mikro-orm-cron cron:install --print for crontab and others\n',
      options,
    ),
  );
}
