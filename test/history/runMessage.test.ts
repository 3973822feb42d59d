import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { fitMessage, MESSAGE_BYTES, RunMessage } from '../../src/history/RunMessage.ts';

describe('the message of a run', () => {
  it('joins lines and the end', () => {
    const message = new RunMessage();
    message.write('one');
    message.write('two');
    expect(message.text()).toBe('one\ntwo');
    expect(message.text('done')).toBe('one\ntwo\ndone');
    expect(new RunMessage().text('done')).toBe('done');
    expect(new RunMessage().text()).toBe('');
  });

  it('keeps the beginning and the end of more than fits, and says how much there was', () => {
    const message = new RunMessage();
    for (let n = 0; n < 200_000; n++) {
      message.write(`line ${n}`);
    }
    const text = message.text('the end');
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MESSAGE_BYTES);
    expect(text).toMatch(/^line 0\nline 1\n/);
    expect(text).toMatch(/line 199999\nthe end$/);
    expect(text).toContain(`the message had ${message.bytes + '\nthe end'.length} bytes`);
    // Nothing is missing but the middle: the kept lines follow one another on both sides of the mark.
    const [head = '', tail = ''] = text.split(/\n\[… cut here: .* …\]\n/);
    const numbers = (part: string) => [...part.matchAll(/^line (\d+)$/gm)].map(([, n]) => Number(n));
    for (const part of [numbers(head).slice(0, -1), numbers(tail).slice(1)]) {
      expect(part.length).toBeGreaterThan(1_000);
      expect(part.every((n, index) => index === 0 || n === (part[index - 1] ?? 0) + 1)).toBe(true);
    }
  });

  it('is cut between characters', () => {
    const text = fitMessage('🙂'.repeat(50_000));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MESSAGE_BYTES);
    expect(text).not.toContain('\uFFFD');
  });

  it('is left alone when it just fits', () => {
    const text = 'x'.repeat(MESSAGE_BYTES);
    expect(fitMessage(text)).toBe(text);
    expect(fitMessage(`${text}y`)).toContain('cut here: the message had 60001 bytes');
  });

  it('cuts one huge line as it cuts many', () => {
    const message = new RunMessage();
    message.write('first');
    message.write(`begins ${'x'.repeat(10_000_000)} ends`);
    message.write('last');
    const text = message.text('the end');
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MESSAGE_BYTES);
    expect(text).toMatch(
      /^first\nbegins x+\n\[… cut here: the message had 10000031 bytes …\]\nx+ ends\nlast\nthe end$/,
    );
  });

  it.each([
    ['written', `message.write(huge); message.text('done')`],
    ['written in many', `for (let n = 0; n < 4; n++) message.write(huge); message.text('done')`],
    ['returned', `message.write('a line'); message.text(huge)`],
    ['made fit', `fitMessage(huge)`],
  ])('of a huge text keeps and copies only what fits: %s', async (_, act) => {
    // Of two bytes a character, as UTF-16 keeps it: 60 MB.
    const program = `
      const { fitMessage, RunMessage } = await import(${JSON.stringify(new URL('../../src/history/RunMessage.ts', import.meta.url))});
      const message = new RunMessage();
      let huge = Buffer.alloc(60_000_000, 'é', 'latin1').toString('utf16le');
      const before = process.resourceUsage().maxRSS;
      const text = (() => ${act.includes(';') ? `{ ${act.replace(/; (message\.text.*)$/, '; return $1')} }` : act})();
      const grown = (process.resourceUsage().maxRSS - before) / 1024;
      huge = undefined;
      // What the frame that is executing still refers to goes only with the next one.
      gc();
      await new Promise(setImmediate);
      gc();
      console.log(JSON.stringify({ grown, kept: (process.memoryUsage().heapUsed + process.memoryUsage().external) / 2 ** 20, bytes: Buffer.byteLength(text) }));`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--expose-gc',
      '--input-type=module',
      '-e',
      program,
    ]);
    const { grown, kept, bytes } = JSON.parse(stdout) as Record<string, number>;
    expect(bytes).toBeLessThanOrEqual(MESSAGE_BYTES);
    // Megabytes: one copy would be 60.
    expect(grown).toBeLessThan(30);
    expect(kept).toBeLessThan(30);
  });
});
