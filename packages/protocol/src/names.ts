/** Names that a caller has misspelt: TypeScript refuses them, JavaScript would ignore them. */

/**
 * The known name that was probably meant: the same in other letter case, one that begins so, or one within a few
 * letters.
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const lower = name.toLowerCase();
  const rest = known.filter((each) => each !== name);
  const begun = rest.find(
    (each) => each.toLowerCase() === lower || (name.length >= 3 && each.toLowerCase().startsWith(lower)),
  );
  if (begun !== undefined) return begun;
  const [best] = rest
    .map((each) => ({ each, edits: editsBetween(lower, each.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  return best !== undefined && best.edits <= Math.min(3, Math.ceil(name.length / 4)) ? best.each : undefined;
}

/** "did you mean token?", or what there is. */
export function nameHint(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? `expected one of ${known.join(', ')}` : `did you mean ${nearest}?`;
}

/**
 * What is wrong with options that a caller gave by name; undefined: nothing.
 * @param taker who takes them: "connect"
 * @param example how they are written: "{ seed: 1 }"
 */
export function optionsFault(
  taker: string,
  given: unknown,
  known: readonly string[],
  example: string,
): string | undefined {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return `${taker}: expected options such as ${example}, got ${shown(given)}`;
  }
  const other = Object.keys(given).find((name) => !known.includes(name));
  return other === undefined ? undefined : `${taker} takes no "${other}": ${nameHint(other, known)}`;
}

/** A value that does not belong where it is, for messages: text in quotes, so that "50080" is told from 50080. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value);
    case 'undefined':
      return 'nothing';
    case 'function':
      return value.name === '' ? 'a function' : `the function ${value.name}`;
    case 'object': {
      if (value === null) return 'null';
      if (Array.isArray(value)) return `an array of ${value.length}`;
      const { name = '' } = (value.constructor ?? {}) as { readonly name?: string };
      if (name !== 'Object' && name !== '') return `an object of the class ${name}`;
      return `an object with ${Object.keys(value).slice(0, 5).join(', ') || 'nothing in it'}`;
    }
    default:
      return String(value);
  }
}

/** Levenshtein's distance, where two neighbours that changed places count as one edit. */
function editsBetween(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const [before, row] = [rows[i - 1], [i]];
    for (let j = 1; j <= b.length; j++) {
      const other = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(before[j] + 1, row[j - 1] + 1, before[j - 1] + other);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j], rows[i - 2][j - 2] + 1);
    }
    rows.push(row);
  }
  return rows[a.length][b.length];
}
