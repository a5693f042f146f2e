/** JSON that people can read and that is small: what fits into a line is one. */

const lineWidth = 110;
/** Digits of numbers that are measured: more are noise, and no table shows as many. */
const significantDigits = 9;

/** @returns JSON, indented where a value does not fit into a line; fractions are rounded to nine digits */
export function formatJson(value: unknown, indent = ''): string {
  const line = JSON.stringify(value, (_, part: unknown) => shorten(part)) ?? 'null';
  if (typeof value !== 'object' || value === null || indent.length + line.length <= lineWidth) return line;
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== 'object')) return wrapItems(value, indent);
    return `[\n${value.map((item) => inner + formatJson(item, inner)).join(',\n')}\n${indent}]`;
  }
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .map(([key, field]) => `${inner}${JSON.stringify(key)}: ${formatJson(field, inner)}`);
  return `{\n${fields.join(',\n')}\n${indent}}`;
}

/** Numbers and texts, as many in a line as fit. */
function wrapItems(items: readonly unknown[], indent: string): string {
  const lines = [''];
  for (const item of items) {
    const text = JSON.stringify(shorten(item)) ?? 'null';
    const last = lines.length - 1;
    if (lines[last].length + text.length + indent.length + 4 > lineWidth) lines.push(text);
    else lines[last] += lines[last] === '' ? text : `,${text}`;
  }
  return `[\n${lines.map((line) => `${indent}  ${line}`).join(',\n')}\n${indent}]`;
}

function shorten(value: unknown): unknown {
  if (typeof value !== 'number' || Number.isInteger(value)) return value;
  return Number(value.toPrecision(significantDigits));
}
