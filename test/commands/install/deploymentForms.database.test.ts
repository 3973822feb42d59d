import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type Deployment, deploymentForms } from '../../../src/commands/install/deploymentForms.ts';
import { whyNo } from '../../helpers/debian.ts';

/** Prints its words, each ended by a zero byte: stands for Node. */
const PRINT_WORDS = `#!/bin/sh\nprintf '%s\\0' "$PWD" "$@"\n`;

/** Pieces of names, with what some form takes for its own. */
const PIECES = [
  'plain',
  'two  blanks',
  ' edges ',
  '100%',
  '%h%%n',
  '$HOME',
  '${HOME}',
  '$(HOME)',
  '$$',
  '$$(HOME)',
  `it's`,
  `'`,
  '"quoted"',
  'back\\slash',
  'two\\\\of them',
  'back\\%cent',
  `\\'`,
  'ends in\\',
  '`id`',
  '#comment',
  '; true',
  '&& true | cat > x',
  '*?[a]{b,c}',
  '~',
  '!x',
  'a: b, [c]',
  'x=y',
  'naïve ☃ 漢字',
];

let root: string;

beforeAll(() => {
  // systemd refuses to try units as root, so somebody else must be able to read them.
  root = mkdtempSync('/tmp/forms-');
  chmodSync(root, 0o755);
});
afterAll(() => rmSync(root, { recursive: true }));

/** A host whose every word has the piece in it, and whose executable is there. */
function hostWith(piece: string): Deployment {
  const directory = join(root, `dir ${piece}`, piece);
  const node = join(root, `bin ${piece}`, piece);
  for (const path of [directory, dirname(node)]) {
    mkdirSync(path, { recursive: true });
  }
  writeFileSync(node, PRINT_WORDS, { mode: 0o755 });
  return {
    node,
    program: join(directory, 'cli.js'),
    directory,
    envFile: join(directory, '.env'),
    options: ['--config', join(directory, `${piece}.js`), '--contextName', piece],
    user: 'daemon',
    graceSeconds: 30,
  };
}

/** The words after the executable. */
function runWords({ envFile, program, options }: Deployment, isContainer = false): string[] {
  return [...(isContainer ? [] : [`--env-file=${envFile}`]), program, 'runcrons', ...options, '--silent'];
}

function runInShell(command: string, env: NodeJS.ProcessEnv = {}): string[] {
  return execFileSync('/bin/sh', ['-c', command], { cwd: '/', env, encoding: 'utf8' }).split('\0').slice(0, -1);
}

/** What cron runs of a line: up to the first bare `%`. Some read `\\` as one backslash (Vixie's), others do not (cronie). */
function cronRuns(line: string, unescapes: RegExp): string {
  const command = line.split(' ').slice(5).join(' ');
  expect(command).not.toMatch(/(?<!\\)%/);
  return command.replaceAll(unescapes, '$1');
}
const CRONS = { Vixie: /\\([\\%])/g, cronie: /\\(%)/g };

describe.each(PIECES)('a host with %j in its names', piece => {
  it('runs unchanged from a crontab', ({ skip }) => {
    const missing = whyNo('crontab', 'cron');
    skip(missing !== undefined, missing);
    const host = hostWith(piece);
    const text = deploymentForms.crontab(host);
    const file = join(root, 'crontab');
    writeFileSync(file, text);
    const { status, stderr } = spawnSync('crontab', ['-n', file], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: 'The syntax of the crontab file was successfully checked.\n',
    });
    const line = text.split('\n').find(one => one.startsWith('*/5'))!;
    for (const unescapes of Object.values(CRONS)) {
      expect(runInShell(cronRuns(line, unescapes))).toEqual([host.directory, ...runWords(host)]);
    }
  });

  it('runs unchanged in Kubernetes, with the Node of the image', async () => {
    const host = hostWith(piece);
    const [document] = parseAllDocuments(deploymentForms.kubernetes(host));
    const cronJob: KubernetesCronJob = document!.toJS();
    const { CronJob } = await kubernetesModels();
    expect(() => new CronJob(cronJob).validate()).not.toThrow();
    const [container] = cronJob.spec.jobTemplate.spec.template.spec.containers;
    expect(container.workingDir).toBe(host.directory);
    expect(container.command.map(kubernetesExpands)).toEqual(['node', ...runWords(host, true)]);
  });

  it('runs unchanged from a compose file, with the Node of the image', () => {
    const host = hostWith(piece);
    const text = deploymentForms.docker(host);
    const [document] = parseAllDocuments(text);
    expect(document!.errors).toEqual([]);
    const { cron }: { cron: ComposeService } = document!.toJS().services;
    const { program, options, directory, envFile } = host;
    expect(cron.command.map(composeExpands)).toEqual(['node', program, 'cronloop', ...options]);
    expect(composeExpands(cron.working_dir)).toBe(directory);
    expect(composeExpands(cron.env_file[0].path)).toBe(envFile);

    const line = text
      .split('\n')
      .find(one => one.startsWith('# */5'))!
      .slice(2);
    const bin = join(root, 'docker');
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, 'docker'), PRINT_WORDS, { mode: 0o755 });
    for (const unescapes of Object.values(CRONS)) {
      expect(runInShell(cronRuns(line, unescapes), { PATH: `${bin}:/bin` }).slice(1)).toEqual([
        ...['run', '--rm', '--env-file', envFile, '-w', directory, 'YOUR_IMAGE', 'node'],
        ...runWords(host, true),
      ]);
    }
  });
});

it('runs unchanged from systemd, whatever is in its names', ({ skip }) => {
  const missing = whyNo('systemd-analyze', 'systemd');
  skip(missing !== undefined, missing);
  const folder = join(root, 'units');
  mkdirSync(folder);
  const hosts = PIECES.map(hostWith);
  // systemd takes a second to start, so it reads all of them at once.
  const files = hosts.flatMap((host, index) =>
    unitsOf(deploymentForms.systemd(host)).map(([name, text]) => {
      const file = name.replace('app-cron', `app-cron-${index}`);
      writeFileSync(join(folder, file), text);
      return file;
    }),
  );
  const services = files.filter(file => file.endsWith('.service'));
  writeFileSync(join(folder, 'all.target'), `[Unit]\nWants=${services.join(' ')}\n`);
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', ...files.map(file => `./${file}`)], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });

  const dump = systemdReads(folder, 'all.target');
  for (const [index, host] of hosts.entries()) {
    const { words, directory } = findService(dump, `app-cron-${index}.service`);
    expect(directory.replace(/\/$/, '')).toBe(host.directory);
    if (/["'\\]/.test(host.node)) {
      // systemd takes no such executable: a shell runs it.
      const printed = execFileSync(words[0]!, words.slice(1), { cwd: directory, encoding: 'utf8' });
      expect(printed.split('\0').slice(1, -1)).toEqual(runWords(host));
    } else {
      expect(words).toEqual([host.node, ...runWords(host)]);
    }
  }
});

it('the readers above see what is not escaped', () => {
  expect(kubernetesExpands('a $(HOME) $$(HOME) $x $$')).toBe('a expanded $(HOME) $x $');
  expect(composeExpands('$$HOME ${HOME} $HOME')).toBe('$HOME expanded expanded');
  expect(systemdExpands('$$HOME ${HOME}')).toBe('$HOME expanded');
});

/** The service and the timer, each under the name that the comment above it has. */
function unitsOf(text: string): [string, string][] {
  const [, ...parts] = text.split(/^# \/etc\/systemd\/system\/(\S+)$/m);
  return [0, 2].map(at => [parts[at]!, parts[at + 1]!]);
}

/** What systemd itself has read of the units in a folder. */
function systemdReads(folder: string, unit: string): string {
  const runtime = join(folder, 'runtime');
  mkdirSync(runtime);
  chmodSync(runtime, 0o777);
  const { stdout } = spawnSync('/lib/systemd/systemd', ['--test', '--system', `--unit=${unit}`], {
    env: { SYSTEMD_LOG_TARGET: 'console', SYSTEMD_UNIT_PATH: `${folder}:`, XDG_RUNTIME_DIR: runtime },
    // Refused to root: it is done as nobody.
    ...(process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}),
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  return stdout;
}

/** The words of a service's command, and its directory. */
function findService(dump: string, name: string): { words: string[]; directory: string } {
  const unit = dump.split(/^\t-> Unit /m).find(text => text.startsWith(`${name}:`)) ?? '';
  const command = /^\t+Command Line: (.*)$/m.exec(unit)?.[1] ?? '';
  const directory = /^\t+WorkingDirectory: (.*)$/m.exec(unit)?.[1] ?? '';
  const words = [...command.matchAll(/"((?:\\.|[^"\\])*)"|\S+/g)].map(([shown, quoted]) =>
    quoted === undefined ? shown : quoted.replaceAll(/\\(.)/g, '$1'),
  );
  return { words: words.map(systemdExpands), directory };
}

/** systemd's `${NAME}` and `$$`; the executable is shown as it is run. */
function systemdExpands(word: string, index = 1): string {
  return index === 0 ? word : word.replaceAll(/\$(\$|\{\w+\})/g, (_, next) => (next === '$' ? '$' : 'expanded'));
}

function kubernetesExpands(word: string): string {
  return word.replaceAll(/\$(\$|\([^)]*\))/g, (_, next) => (next === '$' ? '$' : 'expanded'));
}

function composeExpands(text: string): string {
  return text.replaceAll(/\$(\$|\w+|\{[^}]*\})/g, (_, next) => (next === '$' ? '$' : 'expanded'));
}

interface ComposeService {
  readonly command: readonly string[];
  readonly working_dir: string;
  readonly env_file: readonly [{ readonly path: string }];
}

interface KubernetesCronJob {
  readonly spec: {
    readonly jobTemplate: {
      readonly spec: {
        readonly template: {
          readonly spec: {
            readonly containers: readonly [{ readonly command: string[]; readonly workingDir: string }];
          };
        };
      };
    };
  };
}

interface KubernetesModels {
  readonly CronJob: new (data: KubernetesCronJob) => { validate(): void };
}

async function kubernetesModels(): Promise<KubernetesModels> {
  // By a name that no compiler looks for, since its declarations are many.
  return import(['kubernetes-models', 'batch', 'v1'].join('/'));
}
