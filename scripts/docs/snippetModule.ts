import { dirname, join } from 'node:path/posix';
import type { Fence } from './Page.ts';
import type { PublicName } from './publicNames.ts';

/** A fence made a module of a host. */
export interface SnippetModule {
  readonly fence: Fence;
  /** Path within the host. */
  readonly file: string;
  readonly text: string;
  /** How many lines of ours stand above the fence's. */
  readonly offset: number;
}

/** Where a snippet stands that does not say so in its first line. */
const DEFAULT_FOLDER = 'src/crons';

/**
 * Makes a module of a fence. It stands in the folder that its first line names (`// src/crons/SendReminders.ts`). One
 * that imports nothing is a piece of a module: it is given what it uses of the package, and members of a job their class.
 */
export function snippetModule(fence: Fence, names: readonly PublicName[]): SnippetModule {
  const { text, page, line } = fence;
  const said = /^\/\/ ([\w./-]+\.[cm]?[jt]s)$/m.exec(text.split('\n', 1)[0]!)?.[1];
  const isCommonJs = /\brequire\(|\bmodule\.exports\b|^exports\./m.test(text);
  const extension = `${isTest(fence) ? '.test' : ''}${isCommonJs ? '.c' : '.'}${fence.language}`;
  const name = `${page.path.replaceAll(/\W/g, '_')}_${line}${extension}`;
  const file = join(said ? dirname(said) : DEFAULT_FOLDER, name);
  if (isCommonJs) {
    return { fence, file, text, offset: 0 };
  }
  const isMember = /^(?:override|readonly|async do|do\()/m.test(
    text.replaceAll(/^(?:\s*\/\/.*\n)*/g, '').split('\n')[0]!,
  );
  const used = names.filter(({ name: word }) => isUsed(text, word));
  const isWhole = /^import\b/m.test(text);
  const imports = isWhole ? [] : importLines(isMember ? withBase(used, names) : used);
  const open = isMember ? ['abstract class Members extends CronJobBase {'] : [];
  const body = [...imports, ...open, text, ...(isMember ? ['}'] : []), 'export {};', ''];
  return { fence, file, text: body.join('\n'), offset: imports.length + open.length };
}

/** Whether a snippet is a test, which is run too. */
export function isTest({ text }: Fence): boolean {
  return text.includes("from 'vitest'");
}

function importLines(names: readonly PublicName[]): string[] {
  return [...Map.groupBy(names, ({ entry }) => entry)].map(
    ([entry, used]) =>
      `import { ${used.map(({ name, isType }) => `${isType ? 'type ' : ''}${name}`).join(', ')} } from '${entry}';`,
  );
}

function withBase(used: readonly PublicName[], names: readonly PublicName[]): PublicName[] {
  return [...new Set([...used, ...names.filter(({ name }) => name === 'CronJobBase')])];
}

/** Whether a piece of code speaks of a name that is not its own. */
function isUsed(text: string, name: string): boolean {
  const code = text.replaceAll(/\/\/.*$/gm, '').replaceAll(/'(?:\\.|[^'\\\n])*'/g, "''");
  return (
    new RegExp(`(?<![.\\w])${name}\\b(?!\\s*:)`).test(code) &&
    !new RegExp(`\\b(?:class|const|let|function|interface|type) ${name}\\b`).test(code)
  );
}
