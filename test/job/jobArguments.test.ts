import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ArgumentsSchema, CronJobError } from '../../src/index.ts';
import { argumentsOf, checkArguments, parseArguments, plainArguments } from '../../src/job/jobArguments.ts';

const job = (args?: ArgumentsSchema) => ({ code: 'billing.import', ...(args === undefined ? {} : { args }) });

describe('words of a command line', () => {
  it.each<[string[], Record<string, string>]>([
    [['from=2026-01-01'], { from: '2026-01-01' }],
    [['from=', 'to=a=b', 'úno.r-x=ano'], { from: '', to: 'a=b', 'úno.r-x': 'ano' }],
    [['text=two\nlines'], { text: 'two\nlines' }],
  ])('%j are arguments', (words, given) => {
    expect(parseArguments(words)).toEqual(given);
  });

  it.each([['from'], ['=1'], ['two words=1'], ['1=2'], ['']])('%j is refused', word => {
    expect(() => parseArguments([word])).toThrow(CronJobError);
    expect(() => parseArguments([word])).toThrow(
      `--arg ${JSON.stringify(word)} is not allowed; it must be name=value, as in --arg from=2026-01-01`,
    );
  });

  it('are refused when a name comes twice, even one that every object has', () => {
    expect(() => parseArguments(['a=1', 'b=2', 'a=3'])).toThrow("--arg 'a' is given twice");
    expect(Object.entries(parseArguments(['constructor=1', '__proto__=2']))).toEqual([
      ['constructor', '1'],
      ['__proto__', '2'],
    ]);
  });
});

describe('arguments of runner.run()', () => {
  it('become plain JSON, as the row keeps them', () => {
    const given = { from: new Date('2026-01-01T00:00:00Z'), nothing: undefined, list: [1, { a: null }] };
    expect(plainArguments(given, 'args')).toEqual({ from: '2026-01-01T00:00:00.000Z', list: [1, { a: null }] });
  });

  const loop: Record<string, unknown> = {};
  loop['self'] = loop;
  it.each<[string, unknown, string]>([
    ['null', null, 'args null is not allowed; it must be an object that JSON can hold'],
    ['a list', ['a'], 'args ["a"] is not allowed'],
    ['a text', 'from=1', 'args "from=1" is not allowed'],
    ['a date', new Date(0), 'is not allowed; it must be an object'],
    ['a bigint', { id: 1n }, 'args cannot be written as JSON: '],
    ['a circle', loop, 'args cannot be written as JSON: '],
    ['too much', { text: 'x'.repeat(10_000) }, 'args has 10011 characters as JSON; at most 10000 are allowed'],
  ])('are refused in one line when they are %s', (_, given, message) => {
    const check = () => plainArguments(given, 'args');
    expect(check).toThrow(CronJobError);
    expect(check).toThrow(message);
    expect(check).not.toThrow('\n');
  });

  it('are refused without force, and for several jobs', async () => {
    const jobs = [job(z.any()), job(z.any())] as never[];
    await expect(argumentsOf(jobs, { args: {} })).rejects.toThrow('args needs force: only a forced run has arguments');
    await expect(argumentsOf(jobs, { args: {}, force: true })).rejects.toThrow(
      'args is for one job, but 2 are selected',
    );
    expect(await argumentsOf(jobs, { force: true })).toBeUndefined();
  });
});

describe('a schema', () => {
  it.each<[string, ArgumentsSchema]>([
    ['zod', z.object({ from: z.coerce.date() })],
    [
      'valibot',
      v.object({
        from: v.pipe(
          v.string(),
          v.transform(text => new Date(text)),
        ),
      }),
    ],
  ])('of %s checks arguments and converts them', async (_, schema) => {
    const given = { from: '2026-01-01' };
    expect(await checkArguments(job(schema), given)).toEqual({ given, value: { from: new Date('2026-01-01') } });
  });

  it.each<[string, ArgumentsSchema, Record<string, unknown>, string]>([
    [
      'zod',
      z.object({ from: z.iso.date() }),
      { from: 'May' },
      'Job billing.import refuses its arguments: from: Invalid',
    ],
    ['zod, strict', z.strictObject({}), { from: 'May' }, 'Job billing.import refuses its arguments: Unrecognized key'],
    [
      'valibot',
      v.object({ a: v.object({ b: v.string() }) }),
      { a: { b: 1 } },
      'refuses its arguments: a.b: Invalid type',
    ],
    [
      'zod, asynchronous',
      z.object({ id: z.string().refine(async id => Promise.resolve(id === '1'), 'no such\ncustomer') }),
      { id: '2' },
      'refuses its arguments: id: no such customer',
    ],
    [
      'zod that throws',
      z.any().transform(() => {
        throw new Error('broken\nschema');
      }),
      {},
      'Job billing.import: its schema of arguments fails: broken schema',
    ],
    [
      'zod, with much to say',
      z.object(Object.fromEntries('abcdefg'.split('').map(key => [key, z.string()]))),
      {},
      '; and 2 more',
    ],
  ])('of %s refuses them in one line', async (_, schema, given, message) => {
    const error: unknown = await checkArguments(job(schema), given).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CronJobError);
    expect(error).toMatchObject({ jobCode: 'billing.import', message: expect.stringContaining(message) });
    expect((error as Error).message).not.toContain('\n');
  });

  it('is needed', async () => {
    await expect(checkArguments(job(), {})).rejects.toThrow(
      'Job billing.import takes no arguments; leave them out, or',
    );
  });
});
