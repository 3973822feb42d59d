import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { oneLine, scrubSecrets } from './texts.ts';

/** The fields of an error that are shown. Not `detail`, `sql`, `path` or `config`: they say what was worked on. */
const SAFE_FIELDS = [
  'code',
  'errno',
  'syscall',
  'address',
  'port',
  'status',
  'statusCode',
  'statusText',
  'type',
  'severity',
  'sqlState',
  'schema',
  'table',
  'column',
  'constraint',
  'dataType',
  'exitCode',
  'signal',
  'killed',
  'jobCode',
  'responseCode',
  'retryAfter',
] as const;

/** Errors within errors that are followed, and errors of one AggregateError that are shown. */
const MOST_DEEP = 8;
const MOST_ERRORS = 20;

/** Characters of a stack. */
const MOST_CHARACTERS = 20_000;

/** Stands for a value that cannot be made a text. */
export const UNPRINTABLE = 'a value that cannot be printed';

/** The member of an error that holds its whole description: one that was thrown in another process. */
export const STANDS_FOR_ITSELF = Symbol.for('mikro-orm-cron.description');

/** Whether an error was described where it was thrown. */
export function isDescribed(thrown: unknown): boolean {
  return thrown instanceof Error && typeof field(thrown, STANDS_FOR_ITSELF) === 'string';
}

/** The runner's own frames, in the sources and built: everything that calls a job stands under them. */
const RUNNER = ['src', 'dist'].flatMap(folder => {
  const url = new URL(`../../${folder}/`, import.meta.url);
  return [
    `${url.href}runner/`,
    `${fileURLToPath(url)}runner/`,
    `${url.href}isolated.`,
    `${fileURLToPath(url)}isolated.`,
  ];
});

/** A thrown value as text: stack, fields, causes, errors. */
export function describeThrown(thrown: unknown): string {
  return describe(thrown, new Set(), '');
}

function describe(thrown: unknown, seen: Set<unknown>, indent: string): string {
  if (!(thrown instanceof Error)) {
    return indented(
      `Thrown: ${typeof thrown === 'object' && thrown !== null ? plain(thrown) : primitive(thrown)}`,
      indent,
    );
  }
  const own = field(thrown, STANDS_FOR_ITSELF);
  if (typeof own === 'string') {
    return indented(own, indent);
  }
  if (seen.has(thrown) || seen.size >= MOST_DEEP * MOST_ERRORS || indent.length > 2 * MOST_DEEP) {
    return `${indent}[${textOf(thrown, 'name')}: see above]`;
  }
  seen.add(thrown);
  const inner = [...parts(thrown, seen, `${indent}  `)];
  const text = indented(stackOf(thrown), indent);
  return inner.length === 0 ? text : `${text} {\n${inner.join(',\n')}\n${indent}}`;
}

/** What stands in the braces behind a stack, as `inspect()` writes it. */
function* parts(error: Error, seen: Set<unknown>, indent: string): Generator<string> {
  for (const [name, value] of safeFields(error)) {
    yield `${indent}${name}: ${value}`;
  }
  const cause = field(error, 'cause');
  if (cause !== undefined) {
    yield `${indent}[cause]: ${describe(cause, seen, indent).trimStart()}`;
  }
  const errors = field(error, 'errors');
  if (Array.isArray(errors)) {
    const shown = errors.slice(0, MOST_ERRORS).map(inner => describe(inner, seen, `${indent}  `));
    const more = errors.length > MOST_ERRORS ? [`${indent}  … ${errors.length - MOST_ERRORS} more`] : [];
    yield `${indent}[errors]: [\n${[...shown, ...more].join(',\n')}\n${indent}]`;
  }
}

function safeFields(value: object): [string, string][] {
  return SAFE_FIELDS.flatMap(name => {
    const found = field(value, name);
    switch (typeof found) {
      case 'string':
        return [[name, `'${oneLine(scrubSecrets(found), 200)}'`] satisfies [string, string]];
      case 'number':
      case 'bigint':
      case 'boolean':
        return [[name, String(found)] satisfies [string, string]];
      default:
        return [];
    }
  });
}

/** A thrown object that is not an error: its kind, its message and its fields. */
function plain(thrown: object): string {
  const kind = thrown.constructor?.name ?? 'Object';
  const message = field(thrown, 'message');
  const members = [
    ...(typeof message === 'string' ? [`message: '${oneLine(message, 2_000)}'`] : []),
    ...safeFields(thrown).map(([name, value]) => `${name}: ${value}`),
  ];
  return `${kind === 'Object' ? '' : `${kind} `}{${members.length === 0 ? '' : ` ${members.join(', ')} `}}`;
}

function primitive(thrown: unknown): string {
  return typeof thrown === 'string' ? thrown : inspect(thrown);
}

/** Header and frames, without those of the runner and of what it stands on. */
function stackOf(error: Error): string {
  const own = textOf(error, 'stack');
  const stack = own === '' ? `${textOf(error, 'name')}: ${textOf(error, 'message')}` : own;
  const lines = stack.slice(0, MOST_CHARACTERS).split('\n');
  const first = lines.findIndex(line => /^\s+at /.test(line));
  const runner = lines.findIndex((line, index) => index > first && RUNNER.some(place => line.includes(place)));
  // An error of the runner's own has nothing but its frames.
  const shown = first === -1 || runner === -1 ? lines : lines.slice(0, runner);
  // What Node and MikroORM put between the job and the runner says nothing.
  const last = shown.findLastIndex(line => !/^\s+at .*(?:node:internal\/|\/@mikro-orm\/core\/utils\/)/.test(line));
  return withName(error, (last >= first ? shown.slice(0, last + 1) : shown).join('\n'));
}

/** A stack is written when an error is made: a name or message that it got later is not in it. */
function withName(error: Error, stack: string): string {
  const [name, message] = [textOf(error, 'name'), textOf(error, 'message')];
  const head = message === '' ? name : `${name}: ${message}`;
  const [first = ''] = stack.split('\n', 1);
  return first.includes(name) && stack.includes(message.slice(0, 200)) ? stack : `${head}\n${stack}`;
}

/** A member that is a text, or what stands for one that is none or cannot be read. */
function textOf(error: Error, name: 'name' | 'message' | 'stack'): string {
  const found = field(error, name);
  return typeof found === 'string' ? found : { name: 'Error', message: UNPRINTABLE, stack: '' }[name];
}

function field(value: object, name: string | symbol): unknown {
  try {
    return (value as Record<string | symbol, unknown>)[name];
  } catch {
    return undefined;
  }
}

function indented(text: string, indent: string): string {
  return indent === '' ? text : text.replaceAll(/^/gm, indent);
}
