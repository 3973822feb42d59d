/** A value that is not allowed, as an error message shows it. */
export function showValue(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(showValue).join(', ')}]`;
  }
  switch (typeof value) {
    case 'function':
      return `the function ${value.name || '(anonymous)'}`;
    case 'object':
      return Object.prototype.toString.call(value);
    case 'string':
      return JSON.stringify(value);
    default:
      return String(value);
  }
}
