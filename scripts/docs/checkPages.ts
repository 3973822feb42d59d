import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkCommands } from './checkCommands.ts';
import { checkLinks } from './checkLinks.ts';
import { checkMessages } from './checkMessages.ts';
import { checkModules } from './checkModules.ts';
import { checkPrinted } from './checkPrinted.ts';
import { checkSql } from './checkSql.ts';
import { type Fence, fenceProblem, type Page, type Problem } from './Page.ts';
import { publicNames } from './publicNames.ts';
import { runSnippetTests } from './runSnippetTests.ts';
import { isTest, snippetModule } from './snippetModule.ts';

/** What is done with the fences of a language; '' is a fence that names none. */
const LANGUAGES: Record<string, string> = {
  ts: 'compiled',
  js: 'compiled',
  json: 'parsed',
  sql: 'run on PostgreSQL',
  sh: 'commands parsed',
  yaml: 'commands parsed',
  ini: 'commands parsed',
  dockerfile: 'commands parsed',
  python: 'django-cron, as it is',
  '': 'commands parsed, output as it is',
};
const COMMAND_LANGUAGES = Object.keys(LANGUAGES).filter(name => LANGUAGES[name]!.startsWith('commands'));

/** What came of it. */
export interface PagesCheck {
  readonly problems: readonly Problem[];
  /** What was checked, in words. */
  readonly counts: readonly string[];
}

/** Holds everything on the pages that can be true or false against the code as it is. */
export async function checkPages(pages: readonly Page[], repository: string): Promise<PagesCheck> {
  const fences = pages.flatMap(page => page.fences);
  const inLanguage = (...languages: string[]) => fences.filter(({ language }) => languages.includes(language));
  const { scripts } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { scripts: object };
  const commands = await checkCommands(pages, Object.keys(scripts), COMMAND_LANGUAGES);
  const links = checkLinks(pages, repository);
  const messages = pages.map(page => checkMessages(page, repository));
  const printed = fences.filter(({ marker }) => marker !== undefined);
  const problems = [
    ...fences
      .filter(({ language }) => !(language in LANGUAGES))
      .map(fence => fenceProblem(fence, -1, `nobody checks the language '${fence.language}'`)),
    ...checkCode(inLanguage('ts', 'js'), repository),
    ...inLanguage('json').flatMap(checkJson),
    ...commands.problems,
    ...(await checkSql(inLanguage('sql'))),
    ...checkPrinted(printed),
    ...links.problems,
    ...messages.flatMap(found => found.problems),
  ];
  return {
    problems: problems.sort((one, other) => one.path.localeCompare(other.path) || one.line - other.line),
    counts: [
      ...Object.entries(LANGUAGES).map(
        ([language, how]) => `${inLanguage(language).length} fences of ${language || 'no language'}: ${how}`,
      ),
      `${fences.filter(isTest).length} of them are tests: run`,
      `${commands.checked} commands parsed`,
      `${printed.length} fences are what cron:install --print prints`,
      `${links.checked} links lead somewhere`,
      `${messages.reduce((sum, { checked }) => sum + checked, 0)} quoted messages stand in the sources`,
    ],
  };
}

function checkCode(fences: readonly Fence[], repository: string): Problem[] {
  const names = publicNames(repository);
  const modules = fences.map(fence => snippetModule(fence, names));
  const host = mkdtempSync(join(tmpdir(), 'mikro-orm-cron-docs-'));
  try {
    cpSync(join(import.meta.dirname, 'host'), host, { recursive: true });
    symlinkSync(join(repository, 'node_modules'), join(host, 'node_modules'));
    return [...checkModules(modules, host, repository), ...runSnippetTests(modules, host, repository)];
  } finally {
    rmSync(host, { recursive: true, force: true });
  }
}

function checkJson(fence: Fence): Problem[] {
  try {
    JSON.parse(fence.text);
    return [];
  } catch (error) {
    return [fenceProblem(fence, 0, (error as Error).message)];
  }
}
