import { describe, expect, it } from 'vitest';
import { captureConsole } from '../../src/runner/captureConsole.ts';
import { interceptWrite, type Write } from '../../src/terminal/interceptWrite.ts';
import { LiveLines } from '../../src/terminal/LiveLines.ts';
import { Terminal } from '../../src/terminal/Terminal.ts';
import { memoryOutput, memoryStream } from '../helpers/output.ts';

const shouting = (original: Write) => ((chunk: string) => original(chunk.toUpperCase())) as Write;

describe('a stand-in for write', () => {
  it('is gone with its owner, and what was there is back', () => {
    const stream = memoryStream();
    const { write } = stream;
    {
      using _ = interceptWrite(stream, shouting);
      stream.write('loud ');
    }
    stream.write('quiet');
    expect(stream.written).toBe('LOUD quiet');
    expect(stream.write).toBe(write);
  });

  it('leaves no property behind where a class has write', () => {
    class Stream {
      written = '';
      write(chunk: unknown): boolean {
        this.written += String(chunk);
        return true;
      }
    }
    const stream = new Stream();
    interceptWrite(stream as never, shouting)[Symbol.dispose]();
    expect(Object.hasOwn(stream, 'write')).toBe(false);
  });

  it("leaves a host's own patch alone, and only passes on below it", () => {
    const stream = memoryStream();
    const ours = interceptWrite(stream, shouting);
    const below = stream.write;
    const patch = ((chunk: string) => below(`patched ${chunk} `)) as Write;
    stream.write = patch;
    stream.write('one');
    ours[Symbol.dispose]();
    expect(stream.write).toBe(patch);
    stream.write('two');
    expect(stream.written).toBe('PATCHED ONE patched two ');
  });
});

describe('whoever stands in for write leaves the patch of a host alone:', () => {
  const patch = (stream: { write: Write }) => {
    const below = stream.write.bind(stream);
    const own = ((...args: Parameters<Write>) => below(...args)) as Write;
    stream.write = own;
    return own;
  };

  it('a captured run', async () => {
    const { write } = process.stdout;
    try {
      let own: Write | undefined;
      await captureConsole(
        () => undefined,
        async () => {
          own = patch(process.stdout);
        },
      );
      expect(process.stdout.write).toBe(own);
    } finally {
      process.stdout.write = write;
    }
  });

  it('lines that stay at the end of a terminal', () => {
    const stream = memoryStream({ isTTY: true });
    const lines = new LiveLines(new Terminal(stream));
    const own = patch(stream);
    lines[Symbol.dispose]();
    expect(stream.write).toBe(own);
  });

  it('stdout kept for data', () => {
    const { out, stdout } = memoryOutput({ json: true });
    const own = patch(stdout);
    out[Symbol.dispose]();
    expect(stdout.write).toBe(own);
  });
});
