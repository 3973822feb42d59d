/** A value that is not allowed, as an error message shows it. */
export function showValue(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(showValue).join(', ')}]`;
  }
  switch (typeof value) {
    case 'function':
      return `the function ${value.name || '(anonymous)'}`;
    case 'object':
      return value === null ? 'null' : showObject(value);
    case 'string':
      return JSON.stringify(value);
    default:
      return String(value);
  }
}

/** Names and plain values of an object: a text in it may be a secret. */
function showObject(value: object): string {
  const kind = Object.getPrototypeOf(value)?.constructor?.name ?? 'Object';
  const members = Object.entries(value).map(([key, member]) =>
    typeof member === 'number' || typeof member === 'boolean' || member === null ? `${key}: ${member}` : key,
  );
  const shown = members.length === 0 ? '{}' : `{ ${members.slice(0, 5).join(', ')}${members.length > 5 ? ', …' : ''} }`;
  return kind === 'Object' ? shown : `${kind} ${shown}`;
}
