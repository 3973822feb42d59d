import type { HostOptions } from '../../host/HostOptions.ts';
import { openHost } from '../../host/openHost.ts';
import { getCronRunner } from '../../runner/extension.ts';
import type { Output } from '../../terminal/Output.ts';
import type { ExitCode } from '../Action.ts';
import { forHost } from '../forHost.ts';
import { deploymentForms } from './deploymentForms.ts';
import type { DeploymentForm } from './InstallCommand.ts';
import { installMigrations } from './installMigrations.ts';
import { readDeployment } from './readDeployment.ts';

/** Options of `cron:install`. */
export interface InstallOptions extends HostOptions {
  /** Print these instead of installing anything. */
  readonly forms: readonly DeploymentForm[] | undefined;
  readonly json: boolean | undefined;
}

/** Installs the migrations, or prints how the host is called. */
export async function installHost(options: InstallOptions, out: Output): Promise<ExitCode> {
  await using host = await openHost(options);
  // A config without cron() would migrate tables that nothing then uses.
  const { settings } = getCronRunner(host.orm);
  if (options.forms) {
    const deployment = readDeployment(options, settings.shutdownGraceSeconds);
    const texts = options.forms.map(form => [form, deploymentForms[form](deployment)] as const);
    if (options.json) {
      out.data(Object.fromEntries(texts), 2);
    } else {
      out.text.text(texts.map(([, text]) => text.trimEnd()).join('\n\n'));
    }
    return 0;
  }
  const installed = await installMigrations(host.orm);
  if (options.json) {
    out.data(installed, 2);
    return 0;
  }
  for (const { migration, file, wasThere } of installed) {
    out.text.line(`${migration}: ${file} ${wasThere ? 'already exists' : 'written'}`);
  }
  const next = [
    'Next: npx mikro-orm migration:up',
    'Then: npx mikro-orm-cron cron:check, and npx mikro-orm-cron cron:install --print for crontab and others',
  ];
  out.text.lines(next.map(line => [forHost(line, options)]));
  return 0;
}
