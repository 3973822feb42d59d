import { describe, expect, it } from 'vitest';
import { headlineOf } from '../../src/history/headlineOf.ts';
import type { RunStatus } from '../../src/index.ts';

describe('the headline of a run', () => {
  it.each<[RunStatus, string, string]>([
    ['succeeded', '3 digests sent\nError: of no consequence', '3 digests sent'],
    ['failed', 'asking the supplier\nError: no answer\n    at x', 'Error: no answer'],
    ['failed', 'TypeError: x is not a function', 'TypeError: x is not a function'],
    ['failed', 'half way\nDriverException: connection lost', 'DriverException: connection lost'],
    ['failed', 'half way\nThrown: a text', 'Thrown: a text'],
    ['timed_out', 'half way\nTimed out after 5 s\nThe job ignored its signal', 'Timed out after 5 s'],
    ['abandoned', 'half way\nAbandoned: its process died', 'Abandoned: its process died'],
    ['failed', 'half way\nsomething unheard of', 'half way'],
    ['running', '', ''],
  ])('%s %j', (status, message, expected) => {
    expect(headlineOf({ status, message })).toBe(expected);
  });
});
