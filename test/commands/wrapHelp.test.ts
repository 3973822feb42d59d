import { describe, expect, it } from 'vitest';
import { createCli } from '../../src/commands/createCli.ts';
import { wrapHelp } from '../../src/commands/wrapHelp.ts';
import { cronCommands } from '../../src/index.ts';

const names = cronCommands.map(({ command }) => String(command).split(' ')[0]!);

async function readHelp(...args: string[]): Promise<string> {
  let help = '';
  await createCli().parseAsync([...args, '--help'], {}, (_error, _parsed, output) => {
    help = output;
  });
  return help;
}

describe('wrapHelp', () => {
  it('hangs a description under its column, with type and default at the right edge', () => {
    const help = [
      'Options:',
      '      --concurrency  How many jobs run at once; one when nothing is said  [number] [default: 1]',
      '  -h, --help         Show help  [boolean]',
    ].join('\n');
    expect(wrapHelp(help, 60).split('\n')).toEqual([
      'Options:',
      '      --concurrency  How many jobs run at once; one when',
      '                     nothing is said   [number] [default: 1]',
      '  -h, --help         Show help                     [boolean]',
    ]);
  });

  it('sets type and choices on lines of their own where they do not fit', () => {
    expect(wrapHelp('  --sort  By name or by age  [choices: "name", "age"] [default: "name"]', 40).split('\n')).toEqual(
      [
        '  --sort  By name or by age',
        '      [choices: "name", "age"] [default:',
        '                                 "name"]',
      ],
    );
  });

  it('sets a description below a name that takes more than half of the line', () => {
    expect(wrapHelp('  app a:very:long:command <job> [more..]  Do what is to be done', 40).split('\n')).toEqual([
      '  app a:very:long:command <job> [more..]',
      '          Do what is to be done',
    ]);
  });

  it('keeps the indentation of other lines, and words longer than a line', () => {
    expect(wrapHelp(`Free a job's lock, whoever holds it, now\n\n      ${'x'.repeat(50)} after it`, 40)).toBe(
      `Free a job's lock, whoever holds it, now\n\n      ${'x'.repeat(50)}\n      after it`,
    );
  });

  it('takes 80 columns where there is no terminal, 100 at most and 40 at least', () => {
    const widest = (columns?: number) =>
      Math.max(
        ...wrapHelp('word '.repeat(100), columns)
          .split('\n')
          .map(line => line.length),
      );
    expect([widest(), widest(0), widest(300), widest(10)]).toEqual([79, 79, 99, 39]);
  });

  it.each(['', ...names])('breaks the help of %j at blanks, in any width, and leaves nothing out', async name => {
    const help = await readHelp(...[name].filter(Boolean));
    const words = (text: string) => text.split(/\s+/);
    for (let width = 40; width <= 100; width++) {
      const wrapped = wrapHelp(help, width);
      expect(words(wrapped)).toEqual(words(help));
      expect(Math.max(...wrapped.split('\n').map(line => line.length))).toBeLessThanOrEqual(width);
    }
  });
});
