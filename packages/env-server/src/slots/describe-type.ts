/** What came instead of what was expected, for error messages. */
export function describeType(value: unknown): string {
  switch (typeof value) {
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? 'an array' : 'an object';
    case 'undefined':
      return 'undefined';
    case 'string':
      return `the string ${JSON.stringify(value.slice(0, 100))}`;
    default:
      return `the ${typeof value} ${String(value)}`;
  }
}
