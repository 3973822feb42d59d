import { formatTable } from '../src/terminal/formatTable.ts';
import { ProcessOutput } from '../src/terminal/Output.ts';
import type { OutputStream } from '../src/terminal/Terminal.ts';
import type { Random } from '../trials/Random.ts';
import type { Kind } from './Fuzz.ts';
import { hostileText } from './hostileText.ts';

const COLOUR = /\u001b\[\d+m/g;
const ACTS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]/u;

/** Texts from rows, jobs and hosts on their way to a terminal, a pipe or JSON. */
export const terminalKind: Kind = {
  name: 'terminal text',
  tryOne(random) {
    const text = hostileText(random);
    const isTTY = random.chance(0.5);
    const [stdout, stderr] = [memory(isTTY, random), memory(isTTY, random)];
    const out = new ProcessOutput({}, { stdout, stderr }, isTTY ? { FORCE_COLOR: '1' } : {});
    const told = (what: string) =>
      `${what} of ${JSON.stringify(text)}: ${JSON.stringify(stdout.written + stderr.written)}`;

    out.text.line(text, { text, tone: 'bad' });
    out.text.lines([[text], [{ text, tone: 'good' }, 'end']]);
    out.error(text, text);
    const printed = stdout.written.replace(COLOUR, '');
    if (ACTS.test(printed) || ACTS.test(stderr.written.replace(COLOUR, ''))) {
      return told('a terminal would act on a line');
    }
    if (printed.split('\n').length !== 4) {
      return told('a line was forged');
    }
    const [first, ...more] = stderr.written.split('\n');
    if (!first?.startsWith('mikro-orm-cron: ') || more.some(line => line !== '' && !line.startsWith('    '))) {
      return told('a line of stderr was forged');
    }

    stdout.written = '';
    out.data({ [text]: text });
    const isSame = (JSON.parse(stdout.written) as Record<string, string>)[text] === text;
    if (!isSame || ACTS.test(stdout.written) || stdout.written.indexOf('\n') !== stdout.written.length - 1) {
      return told('JSON');
    }

    stdout.written = '';
    const rows = [
      [{ text }, { text: 'b', short: text }],
      [{ text: 'c' }, { text, tone: 'warning' as const }],
    ];
    out.text.lines(
      formatTable(
        [
          { heading: 'x', least: 4 },
          { heading: text, align: 'right' },
        ],
        rows,
        out.text,
      ),
    );
    if (ACTS.test(stdout.written.replace(COLOUR, ''))) {
      return told('a terminal would act on a table');
    }
    return undefined;
  },
};

function memory(isTTY: boolean, random: Random): OutputStream & { written: string } {
  return {
    written: '',
    isTTY,
    columns: Math.floor(random.between(1, 120)),
    write(chunk: unknown) {
      this.written += String(chunk);
      return true;
    },
  };
}
