import { afterEach, describe, expect, it, vi } from 'vitest';
import { captureConsole, LONGEST_LINE } from '../../src/runner/captureConsole.ts';

describe('captured output', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  const linesOf = async (write: (out: NodeJS.WriteStream, err: NodeJS.WriteStream) => void) => {
    const lines: string[] = [];
    await captureConsole(
      line => lines.push(line),
      async () => write(process.stdout, process.stderr),
    );
    return lines;
  };

  it.each([
    ['lines', ['one\ntwo\n'], ['one', 'two']],
    ['a line in pieces', ['o', 'n', 'e\ntw', 'o'], ['one', 'two']],
    ['empty lines', ['one\n\n\ntwo\n'], ['one', '', '', 'two']],
    ['line ends of Windows', ['one\r\ntwo\r\n\r\nthree'], ['one', 'two', '', 'three']],
    ['a line end of Windows in two pieces', ['one\r', '\ntwo\r', '\n'], ['one', 'two']],
    ['a line that is drawn again', ['\r10 %\r20 %', '\r30 %', '\rdone\n'], ['10 %', '20 %', '30 %', 'done']],
    ['returns alone', ['\r\r\r', '\r'], []],
  ])('has its lines: %s', async (_, chunks, lines) => {
    expect(await linesOf(out => chunks.forEach(chunk => out.write(chunk)))).toEqual(lines);
  });

  it('keeps characters whole that come in pieces, on two streams at once', async () => {
    const [first = 0, ...others] = Buffer.from('🙂\n');
    const lines = await linesOf((out, err) => {
      out.write(Uint8Array.of(first));
      err.write('from stderr\n');
      out.write(Uint8Array.from(others));
    });
    expect(lines).toEqual(['from stderr', '🙂']);
  });

  it('has a bounded rest: a line without an end is broken, between characters', async () => {
    const text = `x${'🙂'.repeat(100_000)}`;
    const lines = await linesOf(out => out.write(text));
    expect(lines.join('')).toBe(text);
    expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(LONGEST_LINE);
    expect(lines.every(line => line.isWellFormed())).toBe(true);
    // Before anything has ended the line.
    const early: string[] = [];
    await captureConsole(
      line => early.push(line),
      async () => {
        process.stdout.write('y'.repeat(10 * LONGEST_LINE));
        expect(early).toHaveLength(10);
      },
    );
    expect(await linesOf(out => out.write(`${'z'.repeat(LONGEST_LINE)}\nnext\n`))).toEqual([
      'z'.repeat(LONGEST_LINE),
      'next',
    ]);
  });

  it.each([
    ['redraws of a progress bar', '\r[=====>     ] 42 %'],
    ['dots', '.'],
  ])('searches each written character once: %s', async (_, chunk) => {
    const writes = 20_000;
    let searched = 0;
    for (const method of ['split', 'indexOf', 'lastIndexOf', 'search', 'match', 'matchAll', 'replace'] as const) {
      const original = String.prototype[method] as (...args: unknown[]) => unknown;
      // oxlint-disable-next-line no-extend-native
      vi.spyOn(String.prototype, method).mockImplementation(function count(this: string, ...args: unknown[]) {
        searched += this.length;
        return original.apply(this, args) as never;
      } as never);
    }
    await linesOf(out => {
      for (let write = 0; write < writes; write++) {
        out.write(chunk);
      }
    });
    vi.restoreAllMocks();
    expect(searched).toBeGreaterThanOrEqual(writes * chunk.length);
    expect(searched).toBeLessThanOrEqual(2 * writes * chunk.length);
  });
});
