import { elementCount, elementTypeOf, fromRawData } from './element-types.ts';
import { OnnxGraphError } from './errors.ts';
import type {
  Attribute,
  ElementArray,
  ElementType,
  GraphNode,
  HeaderValue,
  Initializer,
  ModelHeader,
  OnnxModel,
  ValueInfo,
} from './model.ts';
import type {
  WireAttribute,
  WireDimension,
  WireInt64,
  WireModel,
  WireNode,
  WireTensor,
  WireValueInfo,
} from './wire.ts';
import { attributeTypes, decodeWire } from './wire.ts';

/**
 * Reads an `.onnx` file; `decodeModel(encodeModel(m))` equals m (float attributes rounded to float32). What a file
 * says beyond an `OnnxModel` is left out; `unreadFields` names it.
 * @throws OnnxGraphError `CORRUPT_MODEL` where the bytes are cut off, are no ONNX model or say a thing twice,
 * `UNSUPPORTED_MODEL` for operators of other domains, element types outside `ElementType` and data in external files
 */
export function decodeModel(bytes: Uint8Array): OnnxModel {
  const wire = decodeBytes(bytes);
  const graph = graphOf(wire);
  const opset = opsetsOf(wire)[''];
  if (opset === undefined) throw corrupt('the model names no operator set');
  return {
    irVersion: toNumber(wire.ir_version ?? 0, 'ir_version'),
    opset,
    producerName: wire.producer_name ?? '',
    producerVersion: wire.producer_version ?? '',
    graphName: graph.name ?? '',
    ...(wire.doc_string === undefined ? {} : { doc: wire.doc_string }),
    inputs: (graph.input ?? []).map(decodeValueInfo),
    outputs: (graph.output ?? []).map(decodeValueInfo),
    nodes: (graph.node ?? []).map(decodeNode),
    initializers: (graph.initializer ?? []).map(decodeTensor),
    metadata: metadataOf(wire),
  };
}

/**
 * What any ONNX model says about itself, also one that `decodeModel` does not support.
 * @throws OnnxGraphError `CORRUPT_MODEL`
 */
export function readModelHeader(bytes: Uint8Array): ModelHeader {
  const wire = decodeBytes(bytes);
  const graph = graphOf(wire);
  const value = ({ name, type }: WireValueInfo): HeaderValue => ({
    name: name ?? '',
    dataType: type?.tensor_type?.elem_type ?? 0,
    shape: shapeOf(type?.tensor_type?.shape, `value "${name}"`),
  });
  return {
    irVersion: toNumber(wire.ir_version ?? 0, 'ir_version'),
    opsets: opsetsOf(wire),
    inputs: (graph.input ?? []).map(value),
    outputs: (graph.output ?? []).map(value),
    operators: (graph.node ?? []).map(({ op_type = '', domain = '' }) =>
      domain === '' ? op_type : `${domain}.${op_type}`,
    ),
    metadata: metadataOf(wire),
  };
}

function graphOf({ graph }: WireModel): NonNullable<WireModel['graph']> {
  if (graph === undefined) throw corrupt('the model has no graph');
  return graph;
}

function opsetsOf({ opset_import = [] }: WireModel): Record<string, number> {
  const entries = opset_import.map(({ domain = '', version = 0 }): [string, number] => [
    domain,
    toNumber(version, 'opset_import'),
  ]);
  return keyed(entries, 'the operator set');
}

function metadataOf({ metadata_props = [] }: WireModel): Record<string, string> {
  const entries = metadata_props.map(({ key = '', value = '' }): [string, string] => [key, value]);
  return keyed(entries, 'the metadata key');
}

/** Readers differ in which of two equal keys they take. */
function keyed<T>(entries: readonly [string, T][], what: string): Record<string, T> {
  const seen = new Set<string>();
  for (const [key] of entries) {
    if (seen.has(key)) throw corrupt(`${what} "${key}" is there twice`);
    seen.add(key);
  }
  return Object.fromEntries(entries);
}

function decodeBytes(bytes: Uint8Array): WireModel {
  try {
    return decodeWire(bytes);
  } catch (cause) {
    throw corrupt(`${bytes.length} bytes are not a complete protobuf message`, cause);
  }
}

function decodeNode(node: WireNode): GraphNode {
  const name = node.name ?? '';
  if (node.op_type === undefined) throw corrupt(`node "${name}" has no operator`);
  if ((node.domain ?? '') !== '') {
    throw new OnnxGraphError(
      'UNSUPPORTED_MODEL',
      `node "${name}": expected a standard operator, got ${node.domain}.${node.op_type}`,
    );
  }
  const attributes = (node.attribute ?? []).map((attribute) => decodeAttribute(attribute, `node "${name}"`));
  return {
    name,
    op: node.op_type,
    inputs: node.input ?? [],
    outputs: node.output ?? [],
    ...(attributes.length === 0 ? {} : { attributes: keyed(attributes, `node "${name}": attribute`) }),
  };
}

function decodeAttribute(wire: WireAttribute, where: string): [string, Attribute] {
  const name = wire.name ?? '';
  checkOneOf(wire, ['f', 'i', 's', 't', 'floats', 'ints'], `${where}: attribute "${name}"`);
  switch (wire.type) {
    case attributeTypes.float:
      return [name, wire.f ?? 0];
    case attributeTypes.int:
      return [name, toBigInt(wire.i ?? 0)];
    case attributeTypes.string:
      return [name, new TextDecoder().decode(wire.s)];
    case attributeTypes.tensor:
      return [name, decodeTensor(wire.t ?? {})];
    case attributeTypes.floats:
      return [name, wire.floats ?? []];
    case attributeTypes.ints:
      return [name, (wire.ints ?? []).map(toBigInt)];
    default:
      throw new OnnxGraphError(
        'UNSUPPORTED_MODEL',
        `${where}: attribute "${name}" has the unsupported ONNX attribute type ${wire.type}`,
      );
  }
}

function decodeTensor(wire: WireTensor): Initializer {
  const name = wire.name ?? '';
  const where = `tensor "${name}"`;
  if (wire.data_location === 1)
    throw new OnnxGraphError('UNSUPPORTED_MODEL', `${where}: its data is external`);
  checkOneOf(wire, ['float_data', 'int32_data', 'int64_data', 'raw_data', 'double_data'], where);
  const type = elementTypeOf(wire.data_type ?? 0, where);
  const shape = (wire.dims ?? []).map((size) => toNumber(size, where));
  const data = decodeElements(wire, type, where);
  const expected = elementCount(shape);
  if (data.length !== expected) {
    throw corrupt(
      `${where}: expected ${expected} elements for shape [${shape.join(', ')}], got ${data.length}`,
    );
  }
  return { name, type, shape, data };
}

/** A second value would be read by some and passed over by others. */
function checkOneOf<T extends object>(wire: T, fields: readonly (keyof T)[], where: string): void {
  const present = fields.filter((field) => wire[field] !== undefined);
  if (present.length > 1) throw corrupt(`${where}: expected one value, got ${present.join(' and ')}`);
}

function decodeElements(wire: WireTensor, type: ElementType, where: string): ElementArray {
  if (wire.raw_data !== undefined) {
    try {
      return fromRawData(type, wire.raw_data);
    } catch (cause) {
      throw corrupt(`${where}: ${wire.raw_data.length} bytes are no whole number of ${type} elements`, cause);
    }
  }
  switch (type) {
    case 'float32':
      return Float32Array.from(wire.float_data ?? []);
    case 'float64':
      return Float64Array.from(wire.double_data ?? []);
    case 'int32':
      return Int32Array.from(wire.int32_data ?? []);
    case 'int64':
      return BigInt64Array.from((wire.int64_data ?? []).map(toBigInt));
    case 'bool':
      return Uint8Array.from(wire.int32_data ?? []);
  }
}

function decodeValueInfo(wire: WireValueInfo): ValueInfo {
  const name = wire.name ?? '';
  const tensor = wire.type?.tensor_type;
  if (tensor?.elem_type === undefined) {
    throw new OnnxGraphError('UNSUPPORTED_MODEL', `value "${name}" is not a tensor`);
  }
  return {
    name,
    type: elementTypeOf(tensor.elem_type, `value "${name}"`),
    shape: shapeOf(tensor.shape, `value "${name}"`),
  };
}

function shapeOf(shape: { dim?: WireDimension[] } | undefined, where: string): (number | string)[] {
  return (shape?.dim ?? []).map(({ dim_value, dim_param = '' }) =>
    dim_value === undefined ? dim_param : toNumber(dim_value, where),
  );
}

function toBigInt(value: WireInt64): bigint {
  if (typeof value === 'object') return (BigInt(value.high) << 32n) | BigInt(value.low >>> 0);
  return BigInt(value);
}

function toNumber(value: WireInt64, where: string): number {
  const exact = toBigInt(value);
  if (exact < 0n || exact > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw corrupt(`${where}: expected a size or version, got ${exact}`);
  }
  return Number(exact);
}

function corrupt(message: string, cause?: unknown): OnnxGraphError {
  return new OnnxGraphError('CORRUPT_MODEL', message, cause === undefined ? {} : { cause });
}
