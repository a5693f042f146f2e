/**
 * Infos that came as columns, one array a key → dictionaries, one an environment. What is wrong with the columns is
 * found at once; the dictionaries are made when somebody asks for them, and a trainer seldom does.
 */
import { GymwireError } from '../errors.ts';
import type { InfoColumn__Output } from '../generated/gymwire/v1/InfoColumn.ts';
import type { PackedInfos__Output } from '../generated/gymwire/v1/PackedInfos.ts';
import { maxDepth } from '../take-value.ts';
import { copyElements, type DType, elementCount, Scalar, type Tensor } from '../tensor.ts';
import type { Info, Value, ValueDict } from '../value.ts';
import { decodeTensor } from './tensor-codec.ts';
import { decodeValue } from './value-codec.ts';

interface Column {
  readonly key: string;
  readonly rows: number;
  readonly valueAt: (row: number) => Value;
}

/** The infos of some environments, still by columns. */
export interface InfoRows {
  readonly rows: number;
  readonly envIndexAt: (row: number) => number;
  readonly columns: readonly Column[];
}

/**
 * Whatever number of rows a message claims (rows of empty arrays take no bytes), nothing is made for them before they are
 * known to be those of environments.
 * @throws GymwireError MALFORMED, also for columns of different lengths, keys that occur twice, and rows that are not one
 * an environment of the session's
 */
export function decodePackedInfos(wire: PackedInfos__Output, where: string, numEnvs: number): InfoRows {
  const { envIndices } = wire;
  checkAscending(envIndices, where, numEnvs);
  const columns = decodeColumns(wire.columns, where, 1);
  if (columns.length === 0) malformed(where, 'packed infos have at least one column');
  const { rows } = columns[0];
  if (rows === 0) malformed(where, 'packed infos have at least one row');
  if (envIndices.length === 0) {
    if (rows > numEnvs) malformed(where, `expected at most ${numEnvs} rows, one an environment, got ${rows}`);
    return { rows, envIndexAt: (row) => row, columns };
  }
  return envIndices.length === rows
    ? { rows, envIndexAt: (row) => envIndices[row], columns }
    : malformed(where, `expected ${envIndices.length} rows, got ${rows}`);
}

/** Looks whether they are environments of the session's, in order, none twice. @throws GymwireError MALFORMED */
export function checkAscending(envIndices: readonly number[], where: string, numEnvs: number): void {
  let last = -1;
  for (const index of envIndices) {
    if (index <= last) {
      malformed(where, `expected ascending environments, each once, got ${index} after ${last}`);
    }
    last = index;
  }
  if (last >= numEnvs) malformed(where, `expected environments below ${numEnvs}, got ${last}`);
}

/** Looks whether an environment has two infos. @throws GymwireError MALFORMED */
export function checkDistinct(
  loose: ReadonlyMap<number, Info>,
  packed: readonly InfoRows[],
  where: string,
): void {
  if (packed.length + loose.size < 2) return;
  const seen = new Set(loose.keys());
  for (const { rows, envIndexAt } of packed) {
    for (let row = 0; row < rows; row++) {
      const index = envIndexAt(row);
      if (seen.has(index)) malformed(where, `environment ${index} has two infos`);
      seen.add(index);
    }
  }
}

/** Looks whether final infos are those of environments whose episode has ended. @throws GymwireError MALFORMED */
export function checkEnded(
  envIndices: readonly number[],
  loose: ReadonlyMap<number, Info>,
  packed: readonly InfoRows[],
): void {
  if (packed.length + loose.size === 0) return;
  const ended = new Set(envIndices);
  const check = (index: number) => {
    if (!ended.has(index)) {
      malformed('final_info', `environment ${index} has one, but it is not in final_env_indices`);
    }
  };
  for (const index of loose.keys()) check(index);
  for (const { rows, envIndexAt } of packed) {
    for (let row = 0; row < rows; row++) check(envIndexAt(row));
  }
}

/** Ascending by environment. */
export function unpackInfos(
  loose: ReadonlyMap<number, Info>,
  packed: readonly InfoRows[],
): ReadonlyMap<number, Info> {
  if (packed.length === 0) return loose;
  const unpacked = packed.flatMap(({ rows, envIndexAt, columns }) =>
    Array.from({ length: rows }, (_, row): [number, Info] => [envIndexAt(row), dictAt(columns, row)]),
  );
  if (packed.length + loose.size < 2) return new Map(unpacked);
  return new Map([...loose, ...unpacked].sort(([a], [b]) => a - b));
}

function dictAt(columns: readonly Column[], row: number): ValueDict {
  // fromEntries defines own properties, so a key such as __proto__ is data like any other.
  return Object.fromEntries(columns.map(({ key, valueAt }) => [key, valueAt(row)]));
}

function decodeColumns(wire: readonly InfoColumn__Output[], where: string, depth: number): Column[] {
  if (depth > maxDepth) malformed(where, `infos nest at most ${maxDepth} levels deep`);
  const columns = wire.map((column) => decodeColumn(column, `${where}.${column.key}`, depth));
  if (new Set(columns.map(({ key }) => key)).size < columns.length) malformed(where, 'a key occurs twice');
  const odd = columns.find(({ rows }) => rows !== columns[0].rows);
  if (odd !== undefined)
    malformed(`${where}.${odd.key}`, `expected ${columns[0].rows} rows, got ${odd.rows}`);
  return columns;
}

function decodeColumn(wire: InfoColumn__Output, where: string, depth: number): Column {
  const { key } = wire;
  if (wire.dicts) {
    const columns = decodeColumns(wire.dicts.columns, where, depth + 1);
    if (columns.length === 0) malformed(where, 'packed infos have at least one column');
    return { key, rows: columns[0].rows, valueAt: (row) => dictAt(columns, row) };
  }
  if (wire.values) {
    const values = wire.values.values.map((value, i) => decodeValue(value, `${where}[${i}]`, depth));
    return { key, rows: values.length, valueAt: (row) => values[row] };
  }
  if (wire.arrays) {
    const tensor = decodeTensor(wire.arrays, where);
    if (tensor.shape.length === 0) malformed(where, 'arrays have rows');
    return { key, rows: tensor.shape[0], valueAt: (row) => rowOf(tensor, row) };
  }
  return { key, ...decodeNumbers(wire, where) };
}

function decodeNumbers(wire: InfoColumn__Output, where: string): Omit<Column, 'key'> {
  if (wire.scalars) {
    const { dtype, data } = numbers(decodeTensor(wire.scalars, where), undefined, where);
    return { rows: data.length, valueAt: (row) => new Scalar(dtype, data[row]) };
  }
  if (wire.bools) {
    const { data } = numbers(decodeTensor(wire.bools, where), 'bool', where);
    return { rows: data.length, valueAt: (row) => data[row] !== 0 };
  }
  const dtype = wire.floats ? 'float64' : 'int64';
  const tensor = wire.floats ?? wire.ints ?? malformed(where, 'expected rows');
  const { data } = numbers(decodeTensor(tensor, where), dtype, where);
  return { rows: data.length, valueAt: (row) => data[row] };
}

function numbers(tensor: Tensor, expected: DType | undefined, where: string): Tensor {
  const { dtype, shape } = tensor;
  if (shape.length === 1 && (expected === undefined || dtype === expected)) return tensor;
  return malformed(where, `expected ${expected ?? dtype} [rows], got ${dtype} [${shape.join(', ')}]`);
}

function rowOf({ dtype, shape, data }: Tensor, row: number): Tensor {
  const own = shape.slice(1);
  const size = elementCount(own);
  return { dtype, shape: own, data: copyElements(dtype, data.subarray(row * size, (row + 1) * size)) };
}

function malformed(where: string, what: string): never {
  throw new GymwireError('MALFORMED', `${where}: ${what}`);
}
