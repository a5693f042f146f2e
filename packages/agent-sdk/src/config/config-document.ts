/** YAML or JSON with the places of its keys and values. One parser reads both: YAML contains JSON. */
import { messageOf } from '@gymwire/protocol';
import { isMap, isNode, isScalar, LineCounter, type ParsedNode, parseDocument, visit } from 'yaml';

/** Keys from the outermost to the innermost, and numbers in lists. */
export type KeyPath = readonly PropertyKey[];

export interface ConfigDocument {
  /** Plain data; undefined for an empty file. */
  readonly value: unknown;
  /** What is no YAML. */
  readonly faults: readonly ConfigFault[];
  /** Returns the place of a value, or of the nearest one around it. */
  placeOf(path: KeyPath): Place;
  placeOfKey(path: KeyPath): Place;
}

/** Both from 1. */
export interface Place {
  readonly line: number;
  readonly col: number;
}

export interface ConfigFault {
  readonly place: Place;
  readonly text: string;
}

/** More are no run's options: an alias of an alias of … is a small file with a huge value. */
const mostAliases = 100;

export function parseConfigDocument(text: string): ConfigDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    stringKeys: true,
    prettyErrors: false,
    logLevel: 'error',
  });
  const at = (offset: number) => lines.linePos(offset);
  // A warning is a tag that nobody knows: what stands there is not what was meant.
  const faults = [...document.errors, ...document.warnings].map(
    ({ pos: [offset], code, message }): ConfigFault => ({
      place: at(offset),
      text: wordsFor[code] ?? firstLower(message),
    }),
  );
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return;
      faults.push({
        place: at(alias.range?.[0] ?? 0),
        text: `no anchor &${alias.source} before *${alias.source}`,
      });
    },
  });
  let value: unknown;
  try {
    if (faults.length === 0) value = document.toJS({ maxAliasCount: mostAliases }) as unknown;
  } catch (error) {
    faults.push({ place: at(0), text: firstLower(messageOf(error)) });
  }
  const root = document.contents;
  return {
    value: root === null || (isScalar(root) && root.value === null) ? undefined : value,
    faults,
    placeOf: (path) => at(nodeAt(root, path)?.range[0] ?? 0),
    placeOfKey: (path) => at(keyAt(root, path)?.range[0] ?? 0),
  };
}

/** In words of our own where the parser's are for those who program with it. */
const wordsFor: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'this key is there twice: which one goes?',
  MULTIPLE_DOCS: 'a second document begins: expected one',
  NON_STRING_KEY: 'expected a name before the colon',
};

function firstLower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** The node of a path, as far as it leads. */
function nodeAt(root: ParsedNode | null, path: KeyPath): ParsedNode | null {
  let node = root;
  for (const key of path) {
    const next: unknown =
      node !== null && 'get' in node ? node.get(isMap(node) ? String(key) : key, true) : undefined;
    if (!isNode(next) || next.range === undefined || next.range === null) return node;
    node = next as ParsedNode;
  }
  return node;
}

function keyAt(root: ParsedNode | null, path: KeyPath): ParsedNode | null {
  const parent = nodeAt(root, path.slice(0, -1));
  if (!isMap(parent)) return parent;
  const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(path.at(-1)));
  return pair?.key ?? parent;
}
