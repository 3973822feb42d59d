import yargs from 'yargs';
import { createCli } from '../../src/commands/createCli.ts';
import { cronCommands } from '../../src/commands/cronCommands.ts';
import { Schedule } from '../../src/index.ts';
import { resolveSettings } from '../../src/settings/resolveSettings.ts';
import type { Page, Problem } from './Page.ts';

/** A page that must name everything of a kind. */
export interface Coverage {
  readonly path: string;
  readonly kind: string;
  readonly names: readonly string[];
  /** Whether a page names it. */
  readonly isNamed: (page: Page, name: string) => boolean;
}

/** Names that the pages must have: those of the code as it is. */
export async function coverages(): Promise<Coverage[]> {
  const inTable = ({ prose }: Page, name: string) => new RegExp(`^\\|[^|]*\`${name}[ \`]`, 'm').test(prose);
  const inCode = ({ prose }: Page, name: string) => new RegExp(`\`[^\`\\n]*(?<![\\w-])${name}(?![\\w-])`).test(prose);
  return [
    { path: 'docs/commands.md', kind: 'command', names: await createCli().getCompletion(['']), isNamed: inTable },
    { path: 'docs/commands.md', kind: 'option', names: commandOptions(), isNamed: inCode },
    {
      path: 'README.md',
      kind: 'setting',
      names: Object.keys(resolveSettings({ jobs: [] })),
      isNamed: inTable,
    },
    { path: 'docs/schedules.md', kind: 'option of Schedule', names: scheduleOptions(), isNamed: inTable },
  ];
}

/** What is missing on the pages. */
export function checkCoverage(pages: readonly Page[], wanted: readonly Coverage[]): Problem[] {
  return wanted.flatMap(({ path, kind, names, isNamed }) => {
    const page = pages.find(candidate => candidate.path === path);
    return names
      .filter(name => !page || !isNamed(page, name))
      .map(name => ({ path, line: 1, text: `it does not name the ${kind} ${name}` }));
  });
}

function commandOptions(): string[] {
  const names = cronCommands.flatMap(({ command, builder }) => {
    const positional = [...String(command).matchAll(/[[<](\w+)/g)].map(([, name]) => name!);
    const { key } = (
      (builder as (command: unknown) => unknown)(yargs([])) as { getOptions(): { key: Record<string, unknown> } }
    ).getOptions();
    return Object.keys(key).filter(name => name.length > 1 && name !== 'context' && !positional.includes(name));
  });
  return [...new Set(names)].map(name => `--${name}`);
}

function scheduleOptions(): string[] {
  try {
    new Schedule({ noSuchOption: true } as object);
  } catch (error) {
    return /there are (.+)$/.exec((error as Error).message)![1]!.split(', ');
  }
  throw new Error('Schedule takes an option that there is not');
}
