import { deploymentForms } from '../../src/commands/install/deploymentForms.ts';
import type { DeploymentForm } from '../../src/commands/install/InstallCommand.ts';
import { type Fence, fenceProblem, type Problem } from './Page.ts';

/** The host that the pages speak of. */
const HOST = {
  node: '/usr/bin/node',
  program: '/srv/app/node_modules/mikro-orm-cron/dist/cli.js',
  directory: '/srv/app',
  envFile: '/srv/app/.env',
  options: [],
  user: 'app',
  graceSeconds: 30,
};

/** A fence under `<!-- snippet: printed FORM -->` shows what `cron:install --print FORM` prints. */
export function checkPrinted(fences: readonly Fence[]): Problem[] {
  return fences.flatMap(fence => {
    const form = /^printed (\w+)$/.exec(fence.marker ?? '')?.[1];
    const print = deploymentForms[form as DeploymentForm] as ((host: typeof HOST) => string) | undefined;
    if (!print) {
      return [fenceProblem(fence, 0, `'snippet: ${fence.marker}' is no marker; there is 'printed FORM'`)];
    }
    const lines = print(HOST).trimEnd().split('\n');
    const shown = fence.text.split('\n');
    const difference = lines.findIndex((line, index) => line !== shown[index]);
    return difference < 0 && lines.length === shown.length
      ? []
      : [
          fenceProblem(
            fence,
            Math.max(difference, 0),
            `cron:install --print ${form} prints otherwise: ${lines[Math.max(difference, 0)]}`,
          ),
        ];
  });
}
