import {
  arrayKind,
  type BoxSpace,
  elementCount,
  isTensor,
  type Space,
  type Tensor,
  Tuple,
  type Value,
} from '@gymwire/protocol';
import { AgentError } from '../errors.ts';
import type { ObservationLayout } from '../policy/policy-snapshot.ts';

/** Turns a space's values into rows of float32 numbers; the only place where observations are cast. */
export interface Flattener {
  /** Numbers in one row. */
  readonly size: number;
  /** [size], ±Infinity where there is no bound. */
  readonly low: Float32Array;
  /** [size] */
  readonly high: Float32Array;
  /** The space without its bounds. */
  readonly layout: ObservationLayout;

  /**
   * Flattens a batch.
   * @param value a batch: each array has a leading dimension `rows`
   * @param out [rows, size]
   * @throws AgentError SHAPE_MISMATCH when the value is not a batch of the space
   */
  write(value: Value, rows: number, out: Float32Array): void;
}

interface Leaf {
  /** Keys and positions from the root, none for a bare Box. */
  readonly path: readonly (string | number)[];
  readonly space: BoxSpace;
  /** The numbers of a row in front of its own. */
  readonly offset: number;
  readonly size: number;
}

/**
 * Box of any shape and dtype; Dict and Tuple of these in the order of `gymnasium.spaces.utils.flatten_space`:
 * entries as they are listed, each in C order.
 * @param what names the space in errors: "observation"
 * @throws AgentError UNSUPPORTED_SPACE
 */
export function createFlattener(space: Space, what: string): Flattener {
  const leaves: Leaf[] = [];
  const size = collectLeaves(space, what, [], 0, leaves);
  if (size === 0) throw unsupported(what, 'is empty');
  const low = new Float32Array(size);
  const high = new Float32Array(size);
  for (const leaf of leaves) {
    copyNumbers(leaf.space.low, 0, leaf.size, low, leaf.offset);
    copyNumbers(leaf.space.high, 0, leaf.size, high, leaf.offset);
  }
  return {
    size,
    low,
    high,
    layout: layoutOf(space, what),
    write: (value, rows, out) => writeRows(leaves, what, size, value, rows, out),
  };
}

function layoutOf(space: Space, what: string): ObservationLayout {
  switch (space.type) {
    case 'box':
      return { type: 'box', dtype: space.low.dtype, shape: space.low.shape };
    case 'dict':
      return { type: 'dict', entries: space.entries.map(([key, entry]) => [key, layoutOf(entry, what)]) };
    case 'tuple':
      return { type: 'tuple', items: space.spaces.map((entry) => layoutOf(entry, what)) };
    default:
      throw unsupported(what, `is a ${space.type} space`);
  }
}

/** Returns the offset behind the space's last number. */
function collectLeaves(
  space: Space,
  what: string,
  path: readonly (string | number)[],
  offset: number,
  leaves: Leaf[],
): number {
  switch (space.type) {
    case 'box': {
      const size = elementCount(space.low.shape);
      leaves.push({ path, space, offset, size });
      return offset + size;
    }
    case 'dict':
      return space.entries.reduce(
        (end, [key, entry]) => collectLeaves(entry, what, [...path, key], end, leaves),
        offset,
      );
    case 'tuple':
      return space.spaces.reduce(
        (end, entry, i) => collectLeaves(entry, what, [...path, i], end, leaves),
        offset,
      );
    default:
      throw unsupported(describe(what, path), `is a ${space.type} space`);
  }
}

function writeRows(
  leaves: readonly Leaf[],
  what: string,
  size: number,
  value: Value,
  rows: number,
  out: Float32Array,
): void {
  if (out.length !== rows * size) {
    throw new AgentError(
      'SHAPE_MISMATCH',
      `${what}: expected room for ${rows} × ${size} numbers, got ${out.length}`,
    );
  }
  for (const leaf of leaves) {
    const tensor = findTensor(value, leaf, what);
    const expected = [rows, ...leaf.space.low.shape];
    if (tensor.shape[0] !== rows || tensor.data.length !== rows * leaf.size) {
      throw new AgentError(
        'SHAPE_MISMATCH',
        `${describe(what, leaf.path)}: expected shape [${expected.join(', ')}], got [${tensor.shape.join(', ')}]`,
      );
    }
    for (let row = 0; row < rows; row++) {
      copyNumbers(tensor, row * leaf.size, leaf.size, out, row * size + leaf.offset);
    }
  }
}

function findTensor(value: Value, leaf: Leaf, what: string): Tensor {
  let current: Value | undefined = value;
  for (const step of leaf.path) current = descend(current, step);
  if (isTensor(current)) return current;
  throw new AgentError(
    'SHAPE_MISMATCH',
    `${describe(what, leaf.path)}: expected an array, got ${kind(current)}`,
  );
}

function descend(value: Value | undefined, step: string | number): Value | undefined {
  if (typeof step === 'number') {
    const items: readonly Value[] | undefined =
      value instanceof Tuple ? value.items : Array.isArray(value) ? value : undefined;
    return items?.[step];
  }
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
  return (value as { readonly [key: string]: Value })[step];
}

function copyNumbers(from: Tensor, start: number, count: number, out: Float32Array, offset: number): void {
  const { data } = from;
  if (data instanceof Float32Array) {
    out.set(data.subarray(start, start + count), offset);
    return;
  }
  for (let i = 0; i < count; i++) out[offset + i] = Number(data[start + i]);
}

function describe(what: string, path: readonly (string | number)[]): string {
  return what + path.map((step) => `[${JSON.stringify(step)}]`).join('');
}

function kind(value: Value | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return typeof value === 'object' ? value.constructor.name : typeof value;
}

function unsupported(where: string, problem: string): AgentError {
  return new AgentError(
    'UNSUPPORTED_SPACE',
    `the ${where} space ${problem}; TD3 needs a Box of numbers, or a Dict or Tuple of such Boxes, which it flattens`,
  );
}

/**
 * Lower and upper bounds of a continuous action space, one an action dimension (C order), as the environment
 * gives them.
 * @throws AgentError UNSUPPORTED_SPACE for anything but a Box of floats
 */
export function readActionBounds(space: Space): [low: ArrayLike<number>, high: ArrayLike<number>] {
  if (space.type === 'box') {
    const [low, high] = [space.low.data, space.high.data];
    if (isFloats(low) && isFloats(high)) return [low, high];
  }
  const got = space.type === 'box' ? `a box of ${space.low.dtype}` : `a ${space.type} space`;
  throw new AgentError(
    'UNSUPPORTED_SPACE',
    `the action space is ${got}; TD3 plays continuous actions and needs a Box of float32 or float64 with finite bounds`,
  );
}

function isFloats(data: Tensor['data']): data is Float32Array | Float64Array {
  return arrayKind(data) === 'Float32Array' || arrayKind(data) === 'Float64Array';
}
