import { describe, expect, it } from 'vitest';
import { ClientFrames, ServerFrames } from '../../trials/servers/frames.ts';

describe('the relay of the trials', () => {
  const startup = Buffer.concat([int(8), int(196_608)]);
  const parse = message('P', Buffer.from('\0update t set a = $1\0\0\0'));
  const sync = message('S', Buffer.alloc(0));
  const query = message('Q', Buffer.from('commit\0'));

  it('cuts what a client sends into requests, wherever its packets end', () => {
    const whole = Buffer.concat([startup, parse, sync, query]);
    for (let at = 0; at <= whole.length; at++) {
      const frames = new ClientFrames();
      const requests = [...frames.push(whole.subarray(0, at)), ...frames.push(whole.subarray(at))];
      expect(requests.map(({ statement }) => statement)).toEqual([undefined, 'update t set a = $1', 'commit']);
      expect(Buffer.concat(requests.map(({ bytes }) => bytes))).toEqual(whole);
    }
  });

  it('notices when the server is ready again, and in which state', async () => {
    const frames = new ServerFrames();
    const ready = frames.next();
    frames.push(Buffer.concat([message('C', Buffer.from('BEGIN\0')), message('Z', Buffer.from('T'))]));
    await ready;
    expect(frames.status).toBe('T');
    const gone = frames.next();
    frames.close();
    await gone;
  });
});

function message(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), int(4 + body.length), body]);
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
