import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PIECES } from '../../fuzz/hostileText.ts';
import { logToJson } from '../../src/commands/json.ts';
import { LogView } from '../../src/commands/log/LogView.ts';
import { eventToJson } from '../../src/commands/run/eventToJson.ts';
import { TextReporter } from '../../src/commands/run/TextReporter.ts';
import type { TickEvent } from '../../src/events/TickEvent.ts';
import { CronJobLog } from '../../src/history/CronJobLog.ts';
import { defineCronJob, Schedule } from '../../src/index.ts';
import { formatTable } from '../../src/terminal/formatTable.ts';
import { LiveLines } from '../../src/terminal/LiveLines.ts';
import { Terminal } from '../../src/terminal/Terminal.ts';
import { harmless, oneLine } from '../../src/terminal/text.ts';
import { memoryOutput, memoryStream } from '../helpers/output.ts';

const piece = fc.oneof(fc.constantFrom(...PIECES, '\b\b\b'), fc.string({ unit: 'binary', maxLength: 4 }));
const hostile = fc.array(piece, { maxLength: 8 }).map(pieces => pieces.join(''));

/** Control characters but for line breaks, bidi controls, separators, halves of pairs. */
const FORBIDDEN = /(?!\n)[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

const lineCount = (text: string) => text.split('\n').length - 1;

function runs<T>(arbitrary: fc.Arbitrary<T>, check: (value: T) => void): void {
  fc.assert(fc.property(arbitrary, check), { numRuns: 500 });
}

const job = (code: string) => defineCronJob({ code, schedule: new Schedule({ runEveryMins: 5 }), do: () => undefined });

const log = (text: string, status: CronJobLog['status']): CronJobLog =>
  Object.assign(new CronJobLog(), {
    id: 7,
    code: text,
    startTime: new Date(0),
    endTime: new Date(1_000),
    status,
    message: text,
    ranAtTime: text,
    scheduledFor: null,
    host: text,
    pid: 42,
  });

const eventsOf = (text: string): TickEvent[] => {
  const row = log(text, 'failed');
  const about = { job: job(text), log: row };
  const error = new Error(text);
  return [
    { type: 'tickStarted', now: new Date(0), jobs: [about.job] },
    { type: 'jobStarted', ...about, reason: text },
    { type: 'abandoned', job: about.job, logs: [row] },
    { type: 'lockLost', ...about, error },
    { type: 'warning', job: null, message: text, error },
    { type: 'warning', job: about.job, message: text, error },
    ...(['succeeded', 'failed', 'timed_out', 'locked', 'broken'] as const).map((outcome): TickEvent => ({
      type: 'jobDone',
      report: { job: about.job, outcome, reason: text, log: row, durationMillis: 5, holder: null, error },
    })),
  ];
};

describe('a text from elsewhere', () => {
  it('is one line, whatever it holds, and stays as it is when it holds nothing of the kind', () => {
    runs(hostile, text => {
      expect(oneLine(text)).not.toMatch(FORBIDDEN);
      expect(oneLine(text)).not.toContain('\n');
      expect(harmless(text).replaceAll('\t', '')).not.toMatch(FORBIDDEN);
      expect(oneLine(oneLine(text))).toBe(oneLine(text));
    });
    expect(oneLine('  👩‍👩‍👧 is 古\u0301 fine  ')).toBe('  👩‍👩‍👧 is 古\u0301 fine  ');
    expect(oneLine('Transform failed:\n  x.ts:1  \n\tUnexpected end')).toBe('Transform failed: x.ts:1 Unexpected end');
  });

  it('takes no longer for many blanks', () => {
    expect(oneLine(`${' '.repeat(200_000)}x\u0007`)).toHaveLength(200_001);
  });

  it('cannot forge a line, recolour or move anything on a terminal', () => {
    runs(hostile, text => {
      const { out, stdout, stderr } = memoryOutput();
      out.text.line(text, { text, tone: 'bad' });
      out.text.lines([[text], ['x', text]]);
      out.error(text);
      expect(stdout.written).not.toMatch(FORBIDDEN);
      expect(stderr.written).not.toMatch(FORBIDDEN);
      expect([lineCount(stdout.written), lineCount(stderr.written)]).toEqual([3, 1]);
      expect(stderr.written).toMatch(/^mikro-orm-cron: /);
    });
  });

  it('cannot end the colour it is shown in', () => {
    runs(hostile, text => {
      const stream = memoryStream();
      new Terminal(stream, { FORCE_COLOR: '1' }).line('a', { text: `x${text}`, tone: 'bad' }, 'z');
      expect(stream.written).toMatch(/^a\u001b\[31mx[^\u001b\n]*\u001b\[39mz\n$/);
    });
  });

  it('of several lines cannot pass for a line of ours below an error', () => {
    runs(hostile, text => {
      const { out, stderr } = memoryOutput();
      out.error('wrong', text);
      const [first, ...more] = stderr.written.trimEnd().split('\n');
      expect(first).toBe('mikro-orm-cron: wrong');
      more.forEach(line => expect(line).toMatch(/^ {4}/));
      expect(stderr.written).not.toMatch(FORBIDDEN);
    });
  });

  it('stays in its cell of a table, however wide that is', () => {
    runs(fc.tuple(hostile, hostile, fc.integer({ min: 1, max: 90 })), ([one, other, width]) => {
      const columns = [{ heading: 'A' }, { heading: 'B', least: 4 }];
      const rows = [
        [{ text: `a${one}`, tone: 'bad' as const }, { text: other }],
        [{ text: 'a' }, { text: 'b' }],
      ];
      const stream = memoryStream();
      const lines = formatTable(columns, rows, { width });
      new Terminal(stream, {}).lines(lines);
      expect(stream.written).not.toMatch(FORBIDDEN);
      expect(lineCount(stream.written)).toBe(lines.length);
    });
  });

  it('of a running job stays on its line at the end of a terminal', () => {
    runs(hostile, text => {
      const stream = memoryStream({ isTTY: true, columns: 40 });
      using lines = new LiveLines(new Terminal(stream, {}));
      lines.show([`[▶] ${text}`, 'second']);
      expect(stream.written).not.toMatch(FORBIDDEN);
      expect(lineCount(stream.written)).toBe(2);
    });
  });

  it('of a tick is a line an event, and in JSON comes back as it was', () => {
    runs(
      hostile.filter(text => text.trim() !== ''),
      text => {
        for (const event of eventsOf(text)) {
          const { out, stdout, stderr } = memoryOutput();
          new TextReporter(out, { isSilent: false, timeZone: 'UTC', isBrief: false }).onEvent(event);
          expect(stdout.written + stderr.written).not.toMatch(FORBIDDEN);
          expect(lineCount(stdout.written)).toBeLessThanOrEqual(1);
          expect(lineCount(stderr.written)).toBeLessThanOrEqual(1);

          const json = memoryOutput({ json: true });
          const shown = eventToJson(event);
          json.out.data(shown);
          expect(json.stdout.written).not.toMatch(FORBIDDEN);
          expect(lineCount(json.stdout.written)).toBe(1);
          expect(JSON.parse(json.stdout.written)).toEqual(shown);
        }
      },
    );
  });

  it('of a row forges no other row', () => {
    runs(
      fc.tuple(hostile, fc.constantFrom('succeeded', 'failed', 'running'), fc.constantFrom(30, 80, Infinity)),
      ([text, status, columns]) => {
        const row = log(text, status as CronJobLog['status']);
        const stream = memoryStream(columns === Infinity ? {} : { isTTY: true, columns });
        const view = new LogView(new Terminal(stream, {}), 'UTC');
        view.line(row);
        expect(lineCount(stream.written)).toBe(1);
        view.table([row], new Date(2_000));
        view.whole(row, new Date(2_000));
        expect(stream.written).not.toMatch(FORBIDDEN);

        const { out, stdout } = memoryOutput({ json: true });
        const shown = { ...logToJson(row), message: row.message };
        out.data(shown, 2);
        expect(stdout.written).not.toMatch(FORBIDDEN);
        expect(JSON.parse(stdout.written)).toEqual(shown);
      },
    );
  });
});
