import { createCli } from '../src/commands/createCli.ts';
import { checkReserved } from '../src/commands/strictArguments.ts';
import { oneLine } from '../src/terminal/text.ts';
import type { Random } from '../trials/Random.ts';
import { answerOf, type Kind, wrongWithLine } from './Fuzz.ts';
import { hostileText } from './hostileText.ts';

/** A config that is not there: a command line that is taken ends here, before anything is done. */
const NOWHERE = 'no.such.config.ts';

type Command = {
  readonly words: string[];
  readonly flags: string[];
  readonly numbers: string[];
  readonly texts: string[];
};

const COMMANDS: readonly [Command, ...Command[]] = [
  {
    words: ['runcrons'],
    flags: ['force', 'dry-run', 'strict', 'silent', 'json'],
    numbers: ['concurrency'],
    texts: ['tag'],
  },
  {
    words: ['cronloop'],
    flags: ['silent', 'json'],
    numbers: ['concurrency', 'sleep', 'repeat', 'jitter'],
    texts: ['tag'],
  },
  { words: ['cron:list'], flags: ['json', 'due', 'failing'], numbers: [], texts: ['tag'] },
  { words: ['cron:log'], flags: ['failed', 'json'], numbers: ['limit', 'before'], texts: ['grep', 'code'] },
  { words: ['cron:check'], flags: ['offline', 'mail', 'json'], numbers: [], texts: [] },
  { words: ['cron:prune'], flags: ['all-codes', 'json'], numbers: ['older-than-days'], texts: [] },
  { words: ['cron:unlock', 'a.b'], flags: ['yes', 'json'], numbers: [], texts: [] },
  { words: ['cron:install'], flags: ['json'], numbers: [], texts: [] },
  { words: ['cron:mail-test'], flags: ['json'], numbers: [], texts: [] },
];

/** An option, and whether a command may act on it. */
interface Piece {
  readonly words: readonly string[];
  readonly isRight: boolean;
}

/** Command lines: one with a word that means nothing is refused in one line, one without is taken. */
export const argvKind: Kind = {
  name: 'command lines',
  async tryOne(random) {
    const command = random.pick(COMMANDS);
    const pieces = Array.from({ length: Math.floor(random.between(0, 3)) }, () => pieceOf(command, random));
    const options = random.chance(0.5) ? [...pieces, config] : [config, ...pieces];
    const words = [...command.words, ...options.flatMap(piece => piece.words)];
    const [answer, printed] = await run(words);
    const text = answer.isTaken ? printed : answer.error instanceof Error ? answer.error.message : String(answer.error);
    const shown = `${JSON.stringify(words)}: ${JSON.stringify(text.slice(0, 300))}`;
    const isTaken = text.includes(`there is no file ${NOWHERE}`);
    if (isTaken && pieces.some(({ isRight }) => !isRight)) {
      return `taken, although it is wrong: ${shown}`;
    }
    // Two options may exclude one another.
    if (!isTaken && pieces.length < 2 && pieces.every(({ isRight }) => isRight)) {
      return `refused, although it is right: ${shown}`;
    }
    // As the program prints it.
    const wrong = answer.isTaken ? undefined : wrongWithLine(oneLine(text));
    return wrong && `${wrong}: ${shown}`;
  },
};

const config: Piece = { words: ['--config', NOWHERE], isRight: true };

function pieceOf({ flags, numbers, texts }: Command, random: Random): Piece {
  const flag = random.pick(flags as [string, ...string[]]);
  const number = numbers.length > 0 ? random.pick(numbers as [string, ...string[]]) : undefined;
  const text = texts.length > 0 ? random.pick(texts as [string, ...string[]]) : undefined;
  switch (
    random.weighted({
      flag: 3,
      number: 2,
      text: 1,
      value: 1,
      badNumber: 2,
      misspelled: 4,
      reserved: 1,
      stray: 1,
      dotted: 1,
    })
  ) {
    case 'flag':
      return right(`--${flag}`);
    case 'number':
      return number === undefined ? right() : right(`--${number}`, String(Math.floor(random.between(1, 100))));
    case 'text':
      return text === undefined ? right() : right(`--${text}=word`);
    case 'value':
      return wrong(`--${flag}=${random.pick(['', 'true', 'false', '0', '1', 'yes'])}`);
    case 'badNumber':
      return number === undefined ? right() : wrong(`--${number}=${badNumber(random)}`);
    case 'misspelled':
      return wrong(
        `--${misspelled(random.pick([flag, ...numbers, ...texts]), [...flags, ...numbers, ...texts], random)}`,
      );
    case 'reserved':
      return wrong(random.pick(['--_=x', '--_', '--$0=x', '--$0', '--jobs', '--jobs=x', '--job=x', '--id=1', '-_']));
    case 'stray':
      return wrong(
        random.pick([
          '--constructor',
          '--__proto__=x',
          '--toString=1',
          '--help=false',
          '--no-json',
          '\u2014force',
          '\u2212-json',
        ]),
      );
    case 'dotted':
      return wrong(
        `--${random.pick([flag, 'config', ...numbers])}.${random.pick(['x', '0', '__proto__', 'constructor'])}=1`,
      );
  }
}

function right(...words: string[]): Piece {
  return { words, isRight: true };
}

function wrong(...words: string[]): Piece {
  return { words, isRight: false };
}

function badNumber(random: Random): string {
  const bad = random.pick([
    '',
    ' 5',
    '5 ',
    '+5',
    '0x5',
    '0b1',
    '5e1',
    '.5',
    '5.',
    '-5',
    '5,5',
    '1_0',
    '\u0665',
    'NaN',
    'Infinity',
    '5;',
    '5n',
  ]);
  return random.chance(0.8) ? bad : `x${hostileText(random)}`;
}

/** The name with another case, a letter more, less or exchanged; never another option's. */
function misspelled(name: string, known: readonly string[], random: Random): string {
  const at = Math.floor(random.between(0, name.length));
  const letter = random.pick(['a', 'E', '-', '_', '.', '\u2011', 's', '\u0430']);
  const other = {
    upper: () => name.toUpperCase(),
    one: () => name.slice(0, at) + name.charAt(at).toUpperCase() + name.slice(at + 1),
    camel: () => name.replaceAll(/-(\w)/g, (_, next: string) => next.toUpperCase()),
    more: () => name.slice(0, at) + letter + name.slice(at),
    less: () => name.slice(0, at) + name.slice(at + 1),
    negated: () => `no-${name}`,
  }[random.weighted({ upper: 1, one: 2, camel: 1, more: 2, less: 2, negated: 1 })]();
  const isKnown = [...known, 'help', 'version', 'config', 'context', 'contextName', ''].includes(other);
  return isKnown || other.startsWith('-') ? `${name}x` : other;
}

async function run(words: string[]): Promise<[answer: Awaited<ReturnType<typeof answerOf>>, printed: string]> {
  const { write } = process.stdout;
  let printed = '';
  process.stdout.write = (chunk: unknown) => {
    printed += String(chunk);
    return true;
  };
  try {
    const answer = await answerOf(async () => {
      checkReserved(words);
      await createCli().parseAsync(words);
    });
    return [answer, printed];
  } finally {
    process.stdout.write = write;
    process.exitCode = 0;
  }
}
