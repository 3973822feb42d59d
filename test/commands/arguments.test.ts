import { afterEach, describe, expect, it, vi } from 'vitest';
import yargs from 'yargs';
import { createCli } from '../../src/commands/createCli.ts';
import { cronCommands } from '../../src/commands/cronCommands.ts';
import { checkReserved } from '../../src/commands/strictArguments.ts';

// cron:check says on stdout and by its exit code what the others throw.
const stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
afterEach(() => {
  process.exitCode = 0;
  stdout.mockClear();
});

/** A config that is not there: a command line that is taken ends here, before it does anything. */
const NOWHERE = ['--config', 'no.such.config.ts'];
const TAKEN = '--config: there is no file no.such.config.ts; give the path of your MikroORM config';

type Parse = (words: string[]) => Promise<unknown>;

/** Commands look there too, since a host's program does not show them its words. */
const setArgv = (words: string[]) => vi.spyOn(process, 'argv', 'get').mockReturnValue(['node', 'program.js', ...words]);

const own: Parse = async words => {
  setArgv(words);
  checkReserved(words);
  return createCli().parseAsync(words);
};

/** A host's command line as lax as yargs is by itself. */
const hosts: Parse = async words => {
  setArgv(words);
  return yargs()
    .command(cronCommands)
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new Error(message);
    })
    .parseAsync(words);
};

async function answer(words: readonly string[], parse: Parse): Promise<string> {
  try {
    await parse([...words]);
  } catch (error) {
    return (error as Error).message;
  }
  return stdout.mock.calls.some(([text]) => String(text).includes(TAKEN)) ? TAKEN : 'done';
}

async function answers(lines: readonly string[][], parse: Parse): Promise<[string, string][]> {
  const given: [string, string][] = [];
  for (const words of lines) {
    stdout.mockClear();
    given.push([words.join(' '), await answer(words, parse)]);
  }
  return given;
}

interface Shape {
  readonly command: string;
  /** What must be there. */
  readonly names?: readonly string[];
  readonly positional?: string;
  readonly flags: readonly string[];
  readonly numbers?: readonly string[];
  readonly texts?: Readonly<Record<string, string>>;
  /** Texts that may be given more than once. */
  readonly lists?: Readonly<Record<string, string>>;
}

const run = { positional: 'jobs', lists: { tag: 'nightly' } };

const operate = { names: ['a.b'], positional: 'jobs' };

const shapes: readonly Shape[] = [
  {
    command: 'runcrons',
    ...run,
    flags: ['force', 'dry-run', 'strict', 'silent', 'json'],
    numbers: ['concurrency'],
    lists: { ...run.lists, arg: 'from=2026-01-01' },
  },
  {
    command: 'cronloop',
    ...run,
    flags: ['silent', 'json', 'no-exact'],
    numbers: ['concurrency', 'sleep', 'repeat', 'jitter'],
  },
  { command: 'cron:list', ...run, flags: ['json', 'due', 'failing'], texts: { sort: 'next' } },
  {
    command: 'cron:log',
    positional: 'id',
    flags: ['failed', 'json', 'follow'],
    numbers: ['limit', 'before'],
    texts: { since: '1d', until: '1d', 'longer-than': '5m', grep: 'x' },
    lists: { code: 'a.b', status: 'failed' },
  },
  {
    command: 'cron:pause',
    ...operate,
    flags: ['all', 'json'],
    texts: { for: '2h', until: '14:00', reason: 'x', by: 'me' },
  },
  { command: 'cron:resume', ...operate, flags: ['all', 'json'], texts: { by: 'me' } },
  { command: 'cron:skip', ...operate, flags: ['json'], texts: { for: '2h', until: '14:00', by: 'me' } },
  {
    command: 'cron:run',
    ...operate,
    flags: ['json'],
    texts: { by: 'me' },
    lists: { arg: 'from=2026-01-01' },
  },
  { command: 'cron:cancel', ...operate, flags: ['json'], numbers: ['run'], texts: { by: 'me' } },
  { command: 'cron:check', flags: ['offline', 'mail', 'json'] },
  { command: 'cron:prune', flags: ['all-codes', 'json'], numbers: ['older-than-days'] },
  { command: 'cron:unlock', names: ['a.b'], positional: 'job', flags: ['yes', 'json'] },
  { command: 'cron:install', flags: ['json'], texts: { print: 'crontab' } },
  { command: 'cron:mail-test', flags: ['json'] },
];

it('the table has every command and option there is', async () => {
  const listed = await Promise.all(
    shapes.map(async ({ command }) => {
      const help = await createCli().getHelp();
      expect(help).toContain(command);
      let printed = '';
      await createCli().parseAsync([command, '--help'], {}, (_error, _argv, output) => {
        printed = output;
      });
      return [...printed.matchAll(/^ +(?:-\w, )?--([\w-]+)/gm)].map(([, name]) => name!).sort();
    }),
  );
  const common = ['config', 'contextName', 'help', 'version'];
  const known = shapes.map(({ flags, numbers = [], texts = {}, lists = {} }) =>
    [...flags, ...numbers, ...Object.keys(texts), ...Object.keys(lists), ...common].sort(),
  );
  expect(listed.map(names => names.map(name => (name === 'context' ? 'contextName' : name)))).toEqual(known);
  expect(shapes.map(({ command }) => command)).toEqual(
    cronCommands.map(({ command }) => String(command).split(' ')[0]),
  );
});

const camel = (name: string) => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
const title = (name: string) => name.replace(/(^|-)(\w)/g, text => text.toUpperCase());

/** Other spellings of an option, with what a value needs. */
const misspelled = (name: string, value: string[] = []): string[][] =>
  [
    name.toUpperCase(),
    title(name),
    camel(name),
    name.slice(0, -1),
    `${name}s`,
    name.replace('-', '_'),
    name.replace('-', '\u2011'),
  ]
    .filter(other => other !== name)
    .flatMap(other => [
      [`--${other}`, ...value],
      [`--no-${name}`],
      [`--${name}.x=1`],
      [`-${name}`, ...value],
      [`---${name}`],
    ]);

const badNumbers = [
  '',
  ' 5 ',
  '+1',
  '0b1',
  '1e3',
  '0x10',
  '5.',
  '.5',
  '1_000',
  '1,5',
  '٣',
  '５',
  'NaN',
  'Infinity',
  '-1',
  '0x',
  '5 ',
];

describe.each(shapes)(
  '$command',
  ({ command, names = [], positional, flags, numbers = [], texts = {}, lists = {} }) => {
    const line = (...words: string[]) => [command, ...words, ...names, ...NOWHERE];
    const refused = async (lines: string[][], parse: Parse) =>
      (await answers(lines, parse)).filter(
        ([, text]) => text === TAKEN || text === 'done' || /\[object|undefined|TypeError|is not a function/.test(text),
      );
    const taken = async (lines: string[][], parse: Parse) =>
      (await answers(lines, parse)).filter(([, text]) => text !== TAKEN);
    const all = { ...texts, ...lists };

    for (const [whose, parse] of [
      ['its own', own],
      ["a host's", hosts],
    ] as const) {
      it(`takes what it knows, on ${whose} command line`, async () => {
        expect(
          await taken(
            [
              line(),
              ...flags.map(flag => line(`--${flag}`)),
              ...flags.map(flag => line(`--${flag}`, `--${flag}`)),
              ...numbers.flatMap(name => [line(`--${name}`, '5'), line(`--${name}=5`)]),
              ...Object.entries(all).flatMap(([name, value]) => [line(`--${name}`, value), line(`--${name}=${value}`)]),
              ...Object.entries(lists).map(([name, value]) => line(`--${name}`, value, `--${name}=${value}`)),
            ],
            parse,
          ),
        ).toEqual([]);
      });

      it(`refuses what it does not know, on ${whose} command line`, async () => {
        const values = Object.entries(all);
        expect(
          await refused(
            [
              ...flags.flatMap(flag => [
                ...misspelled(flag).map(words => line(...words)),
                ...['=', '=1', '=true', '=false', '=yes'].map(value => line(`--${flag}${value}`)),
              ]),
              ...numbers.flatMap(name => [
                ...misspelled(name, ['5']).map(words => line(...words)),
                ...badNumbers.flatMap(value => [line(`--${name}=${value}`), line(`--${name}`, value)]),
                line(`--${name}`, '5', `--${name}`, '5'),
                [command, ...names, ...NOWHERE, `--${name}`],
              ]),
              ...values.flatMap(([name, value]) => misspelled(name, [value]).map(words => line(...words))),
              ...Object.entries(texts).map(([name, value]) => line(`--${name}`, value, `--${name}`, value)),
              ...[
                '--config.x=y',
                '--contextName.x=y',
                '--CONFIG=x',
                '--constructor=1',
                '--toString',
                '--__proto__=x',
                '--__proto__.x=1',
              ].map(word => line(word)),
              ...['--help=false', '--help=x', '--version=false'].map(word => line(word)),
              line('--contextName', 'a', '--contextName', 'b'),
              ...(positional === undefined ? [line('job')] : [line('–force')]),
              line('—dry-run'),
              [command, ...names, ...NOWHERE, '--', 'job'],
            ].filter(words => words.join(' ') !== line().join(' ')),
            parse,
          ),
        ).toEqual([]);
      });
    }

    it("refuses what is no option on a host's command line, and leaves the host's own options alone", async () => {
      const reserved = ['_', '$0', ...(positional === undefined ? [] : [positional])];
      const words = reserved.flatMap(name => [`--${name}`, `--${name}=x`, `-${name}=x`]);
      expect(
        await refused(
          words.map(word => line(word)),
          hosts,
        ),
      ).toEqual([]);
    });

    it('refuses what is no option', async () => {
      const words = ['_', '$0', 'jobs', 'job', 'id'].flatMap(name => [`--${name}`, `--${name}=x`, `-${name}=x`]);
      expect(
        await refused(
          [...words, '----=x'].map(word => line(word)),
          own,
        ),
      ).toEqual([]);
    });
  },
);

it.each(badNumbers)('takes no id of a run as %j', async id => {
  expect(await answer(['cron:log', id, ...NOWHERE], own)).not.toBe(TAKEN);
});
