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
});
