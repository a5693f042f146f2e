import { arrayMatches, dataTypeOf, elementCount, toRawData } from './element-types.ts';
import { OnnxGraphError } from './errors.ts';
import type { Attribute, GraphNode, Initializer, OnnxModel, ValueInfo } from './model.ts';
import type { Int64Bits, WireAttribute, WireNode, WireTensor, WireValueInfo } from './wire.ts';
import { attributeTypes, encodeWire } from './wire.ts';

const maxIrVersion = 8;
const maxOpset = 17;

/**
 * The model as the bytes of an `.onnx` file. Equal models give equal bytes: metadata and attributes are
 * written in sorted key order, initializers as little-endian raw data.
 * @throws OnnxGraphError `INVALID_MODEL` where a shape does not fit its data, a value has two producers, or
 * the versions are newer than older runtimes load
 */
export function encodeModel(model: OnnxModel): Uint8Array {
  checkVersion('irVersion', model.irVersion, maxIrVersion);
  checkVersion('opset', model.opset, maxOpset);
  checkUniqueNames(model);
  return encodeWire({
    ir_version: model.irVersion,
    producer_name: model.producerName,
    producer_version: model.producerVersion,
    ...(model.doc === undefined ? {} : { doc_string: model.doc }),
    graph: {
      node: model.nodes.map(encodeNode),
      name: model.graphName,
      initializer: model.initializers.map(encodeTensor),
      input: model.inputs.map(encodeValueInfo),
      output: model.outputs.map(encodeValueInfo),
    },
    opset_import: [{ domain: '', version: model.opset }],
    metadata_props: sortedEntries(model.metadata).map(([key, value]) => ({ key, value })),
  });
}

function encodeNode(node: GraphNode): WireNode {
  return {
    input: [...node.inputs],
    output: [...node.outputs],
    name: node.name,
    op_type: node.op,
    attribute: sortedEntries(node.attributes ?? {}).map(([name, value]) => encodeAttribute(name, value)),
  };
}

function encodeAttribute(name: string, value: Attribute): WireAttribute {
  if (typeof value === 'number') return { name, type: attributeTypes.float, f: value };
  if (typeof value === 'bigint') return { name, type: attributeTypes.int, i: int64Bits(value) };
  if (typeof value === 'string') {
    return { name, type: attributeTypes.string, s: new TextEncoder().encode(value) };
  }
  if ('data' in value) return { name, type: attributeTypes.tensor, t: encodeTensor(value) };
  if (isFloats(value)) return { name, type: attributeTypes.floats, floats: [...value] };
  return { name, type: attributeTypes.ints, ints: value.map(int64Bits) };
}

/** An empty list counts as ints. */
function isFloats(values: readonly bigint[] | readonly number[]): values is readonly number[] {
  return typeof values[0] === 'number';
}

function encodeTensor(tensor: Initializer): WireTensor {
  const { name, type, shape, data } = tensor;
  if (!arrayMatches(type, data)) {
    throw new OnnxGraphError('INVALID_MODEL', `tensor "${name}": its data is not a typed array of ${type}`);
  }
  const expected = elementCount(shape);
  if (data.length !== expected) {
    throw new OnnxGraphError(
      'INVALID_MODEL',
      `tensor "${name}": expected ${expected} elements for shape [${shape.join(', ')}], got ${data.length}`,
    );
  }
  return { dims: [...shape], data_type: dataTypeOf(type), name, raw_data: toRawData(data) };
}

function encodeValueInfo(value: ValueInfo): WireValueInfo {
  const dim = value.shape.map((size) =>
    typeof size === 'string' ? { dim_param: size } : { dim_value: size },
  );
  return { name: value.name, type: { tensor_type: { elem_type: dataTypeOf(value.type), shape: { dim } } } };
}

function int64Bits(value: bigint): Int64Bits {
  if (BigInt.asIntN(64, value) !== value) {
    throw new OnnxGraphError('INVALID_MODEL', `expected an integer of 64 bits, got ${value}`);
  }
  return {
    low: Number(BigInt.asIntN(32, value)),
    high: Number(BigInt.asIntN(32, value >> 32n)),
    unsigned: false,
  };
}

/** Code-unit order, not the host's locale. */
function sortedEntries<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

function checkVersion(what: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= max) return;
  throw new OnnxGraphError('INVALID_MODEL', `${what}: expected an integer from 1 to ${max}, got ${value}`);
}

/** ONNX graphs are in static single assignment form. */
function checkUniqueNames(model: OnnxModel): void {
  const produced = new Set<string>();
  const names = [
    ...model.inputs.map((value) => value.name),
    ...model.initializers.map((tensor) => tensor.name),
    ...model.nodes.flatMap((node) => node.outputs.filter((name) => name !== '')),
  ];
  for (const name of names) {
    if (produced.has(name)) throw new OnnxGraphError('INVALID_MODEL', `value "${name}" is produced twice`);
    produced.add(name);
  }
}
