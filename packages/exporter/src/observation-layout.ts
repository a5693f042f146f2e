/** What an observation is before it is flattened. Declared by structure, as the snapshot is. */
export type ObservationLayout =
  | { readonly type: 'box'; readonly dtype: ObservationDType; readonly shape: readonly number[] }
  | {
      readonly type: 'dict';
      readonly entries: readonly (readonly [key: string, layout: ObservationLayout])[];
    }
  | { readonly type: 'tuple'; readonly items: readonly ObservationLayout[] };

/** What the numbers of an observation were: NumPy's names. */
export type ObservationDType =
  | 'bool'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float32'
  | 'float64';

/** Smallest and largest whole number of each dtype; none for floats. */
export const integerRanges: Readonly<Record<ObservationDType, readonly [low: bigint, high: bigint] | null>> =
  {
    bool: [0n, 1n],
    int8: [-128n, 127n],
    uint8: [0n, 255n],
    int16: [-32_768n, 32_767n],
    uint16: [0n, 65_535n],
    int32: [-(2n ** 31n), 2n ** 31n - 1n],
    uint32: [0n, 2n ** 32n - 1n],
    int64: [-(2n ** 63n), 2n ** 63n - 1n],
    uint64: [0n, 2n ** 64n - 1n],
    float32: null,
    float64: null,
  };

/** Spaces within spaces; more is no observation but an attack on the stack. */
const deepest = 32;

/** Returns the layout of observations that come flat. */
export function flatLayout(size: number): ObservationLayout {
  return { type: 'box', dtype: 'float32', shape: [size] };
}

/**
 * A layout from anywhere, known fields only.
 * @param where names it in errors
 * @param size numbers that an observation has
 * @throws Error with a message that says what was expected and what came, and where
 */
export function parseLayout(value: unknown, where: string, size: number): ObservationLayout {
  const layout = parsePart(value, where, 0);
  if (layoutSize(layout) === size) return layout;
  throw new Error(`${where}: expected ${size} numbers, it has ${layoutSize(layout)}`);
}

function parsePart(value: unknown, where: string, depth: number): ObservationLayout {
  if (depth > deepest) throw new Error(`${where}: expected at most ${deepest} spaces within each other`);
  const { type, dtype, shape, entries, items } = isRecord(value) ? value : {};
  if (type === 'box' && isDType(dtype) && isShape(shape)) return { type, dtype, shape: [...shape] };
  if (type === 'tuple' && Array.isArray(items)) {
    const parsed = items.map((item: unknown, i) => parsePart(item, `${where}[${i}]`, depth + 1));
    return { type, items: parsed };
  }
  if (type === 'dict' && Array.isArray(entries)) {
    const keys = new Set<string>();
    const parsed = entries.map((entry: unknown, i): [string, ObservationLayout] => {
      const [key, layout, ...rest] = Array.isArray(entry) ? (entry as unknown[]) : [];
      if (typeof key !== 'string' || rest.length > 0) {
        throw new Error(`${where}: entry ${i}: expected a key and a layout`);
      }
      if (keys.has(key)) throw new Error(`${where}: the key ${JSON.stringify(key)} is there twice`);
      keys.add(key);
      return [key, parsePart(layout, `${where}[${JSON.stringify(key)}]`, depth + 1)];
    });
    return { type, entries: parsed };
  }
  const got = JSON.stringify(value)?.slice(0, 100) ?? typeof value;
  throw new Error(
    `${where}: expected a box with dtype and shape, a dict with entries or a tuple with items, got ${got}`,
  );
}

/** Numbers in an observation. */
export function layoutSize(layout: ObservationLayout): number {
  switch (layout.type) {
    case 'box':
      return layout.shape.reduce((product, size) => product * size, 1);
    case 'dict':
      return layout.entries.reduce((sum, [, entry]) => sum + layoutSize(entry), 0);
    case 'tuple':
      return layout.items.reduce((sum, item) => sum + layoutSize(item), 0);
  }
}

/** The part that a number of a row belongs to, and its place there: `observation["pose"], number 2`. */
export function placeOf(layout: ObservationLayout, index: number, path = 'observation'): string {
  if (layout.type === 'box') return `${path}, number ${index}`;
  const parts: readonly (readonly [string | number, ObservationLayout])[] =
    layout.type === 'dict' ? layout.entries : layout.items.map((item, i) => [i, item] as const);
  let start = 0;
  for (const [step, part] of parts) {
    const end = start + layoutSize(part);
    if (index < end) return placeOf(part, index - start, `${path}[${JSON.stringify(step)}]`);
    start = end;
  }
  return path;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isDType(value: unknown): value is ObservationDType {
  return typeof value === 'string' && Object.hasOwn(integerRanges, value);
}

function isShape(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}
