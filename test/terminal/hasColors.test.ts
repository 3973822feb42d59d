import { describe, expect, it } from 'vitest';
import { hasColors } from '../../src/terminal/hasColors.ts';
import { Terminal } from '../../src/terminal/Terminal.ts';
import { memoryStream } from '../helpers/output.ts';

const terminal = { isTTY: true, hasColors: () => true };
const pipe = {};

describe('colours', () => {
  it.each<[NodeJS.ProcessEnv, boolean, boolean]>([
    // environment, on a terminal, in a pipe
    [{}, true, false],
    [{ NO_COLOR: '1' }, false, false],
    [{ NO_COLOR: '' }, true, false],
    [{ NO_COLOR: '0' }, false, false],
    [{ MIKRO_ORM_NO_COLOR: 'true' }, false, false],
    [{ MIKRO_ORM_NO_COLOR: '0' }, true, false],
    [{ FORCE_COLOR: '1' }, true, true],
    [{ FORCE_COLOR: '3' }, true, true],
    [{ FORCE_COLOR: 'TRUE' }, true, true],
    [{ FORCE_COLOR: '0' }, false, false],
    [{ FORCE_COLOR: 'false' }, false, false],
    [{ MIKRO_ORM_COLORS: 'true' }, true, false],
    [{ MIKRO_ORM_COLORS: '0' }, false, false],
    [{ FORCE_COLOR: '1', MIKRO_ORM_COLORS: '0' }, false, false],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false, false],
    [{ MIKRO_ORM_COLORS: '1', MIKRO_ORM_NO_COLOR: '1' }, false, false],
  ])('under %j: on a terminal %s, in a pipe %s', (env, onTerminal, inPipe) => {
    expect(hasColors(terminal, env)).toBe(onTerminal);
    expect(hasColors(pipe, env)).toBe(inPipe);
  });

  it('are not on a terminal that has none', () => {
    expect(hasColors({ isTTY: true, hasColors: () => false }, {})).toBe(false);
  });

  it("go when the host's config, which is loaded late, says so", () => {
    const stream = memoryStream({ isTTY: true, hasColors: () => true });
    const env: NodeJS.ProcessEnv = {};
    const terminal = new Terminal(stream, env);
    env['MIKRO_ORM_COLORS'] = 'false';
    terminal.line({ text: '✔', tone: 'good' });
    expect(stream.written).toBe('✔\n');
  });

  it('are added to a piece that has a tone', () => {
    const stream = memoryStream();
    new Terminal(stream, { FORCE_COLOR: '1' }).line({ text: '✔', tone: 'good' }, ' done');
    expect(stream.written).toBe('\u001b[32m✔\u001b[39m done\n');
  });
});
