import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fenceProblem, type Problem } from './Page.ts';
import { ENTRIES } from './publicNames.ts';
import type { SnippetModule } from './snippetModule.ts';

/** What a host's compiler is asked for. A plain JavaScript snippet has no types of its own to be asked for. */
const UNTYPED_PARAMETERS = /^TS(7006|7031|7019)$/;

/** Writes the modules into a copy of the host and compiles all of them with one call of the compiler. */
export function checkModules(modules: readonly SnippetModule[], host: string, repository: string): Problem[] {
  for (const { file, text } of modules) {
    mkdirSync(dirname(join(host, file)), { recursive: true });
    writeFileSync(join(host, file), text);
  }
  writeFileSync(join(host, 'tsconfig.json'), JSON.stringify(tsconfig(repository)));
  const compiler = join(repository, 'node_modules', '.bin', 'tsc');
  const { stdout, stderr, error } = spawnSync(compiler, ['--pretty', 'false', '--project', 'tsconfig.json'], {
    cwd: host,
    encoding: 'utf8',
  });
  if (error || stderr) {
    throw new Error(`tsc: ${stderr}`, { cause: error });
  }
  return stdout
    .split('\n')
    .filter(line => line !== '' && !line.startsWith(' '))
    .map(line => toProblem(line, modules))
    .filter(problem => problem !== undefined);
}

function tsconfig(repository: string): object {
  return {
    compilerOptions: {
      target: 'ES2024',
      lib: ['ES2024', 'ESNext.Disposable'],
      module: 'NodeNext',
      types: ['node'],
      strict: true,
      noImplicitOverride: true,
      verbatimModuleSyntax: true,
      allowImportingTsExtensions: true,
      allowJs: true,
      checkJs: true,
      skipLibCheck: true,
      noEmit: true,
      paths: Object.fromEntries(Object.entries(ENTRIES).map(([entry, file]) => [entry, [join(repository, file)]])),
    },
    // Declarations that the sources take for given.
    include: ['**/*', join(repository, 'src/**/*.d.ts')],
    exclude: ['node_modules'],
  };
}

function toProblem(line: string, modules: readonly SnippetModule[]): Problem | undefined {
  const error = /^(.+?)\((\d+),\d+\): error (TS\d+): (.+)$/.exec(line);
  if (!error) {
    return { path: 'tsc', line: 0, text: line };
  }
  const [, file, number, code, message] = error as unknown as [string, string, string, string, string];
  const module = modules.find(candidate => relative('.', candidate.file) === file);
  if (!module) {
    return { path: `scripts/docs/host/${file}`, line: Number(number), text: `${code} ${message}` };
  }
  if (module.fence.language === 'js' && UNTYPED_PARAMETERS.test(code)) {
    return undefined;
  }
  return fenceProblem(module.fence, Number(number) - 1 - module.offset, `${code} ${message}`);
}
