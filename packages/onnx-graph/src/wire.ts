import protobuf from 'protobufjs';
import { onnxSubset } from './generated/onnx-subset.ts';

/** A 64-bit integer on its way into protobufjs, exact without a library for long integers. */
export interface Int64Bits {
  readonly low: number;
  readonly high: number;
  readonly unsigned: false;
}

/** Out: number or bits. In (`toObject` with longs as String): a decimal string. */
export type WireInt64 = number | string | Int64Bits;

export interface WireTensor {
  dims?: WireInt64[];
  data_type?: number;
  float_data?: number[];
  int32_data?: number[];
  int64_data?: WireInt64[];
  name?: string;
  raw_data?: Uint8Array;
  double_data?: number[];
  data_location?: number;
}

export interface WireAttribute {
  name?: string;
  f?: number;
  i?: WireInt64;
  s?: Uint8Array;
  t?: WireTensor;
  floats?: number[];
  ints?: WireInt64[];
  type?: number;
}

export interface WireNode {
  input?: string[];
  output?: string[];
  name?: string;
  op_type?: string;
  attribute?: WireAttribute[];
  domain?: string;
}

export interface WireDimension {
  dim_value?: WireInt64;
  dim_param?: string;
}

export interface WireValueInfo {
  name?: string;
  type?: { tensor_type?: { elem_type?: number; shape?: { dim?: WireDimension[] } } };
}

export interface WireModel {
  ir_version?: WireInt64;
  producer_name?: string;
  producer_version?: string;
  doc_string?: string;
  graph?: {
    node?: WireNode[];
    name?: string;
    initializer?: WireTensor[];
    input?: WireValueInfo[];
    output?: WireValueInfo[];
  };
  opset_import?: { domain?: string; version?: WireInt64 }[];
  metadata_props?: { key?: string; value?: string }[];
}

/** AttributeProto.AttributeType. */
export const attributeTypes = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7 } as const;

let modelType: protobuf.Type | undefined;

/** ModelProto of proto/onnx-subset.proto. */
function modelProto(): protobuf.Type {
  modelType ??= protobuf.Root.fromJSON(JSON.parse(onnxSubset) as protobuf.INamespace).lookupType(
    'onnx.ModelProto',
  );
  return modelType;
}

export function encodeWire(model: WireModel): Uint8Array {
  return new Uint8Array(modelProto().encode(model).finish());
}

/** Names of what ONNX has and the subset leaves out, by the path of the message and the field's number. */
const unreadNames: Readonly<Record<string, string>> = {
  '4': 'domain',
  '5': 'model_version',
  '20': 'training_info',
  '25': 'functions',
  '26': 'configuration',
  'graph.10': 'doc_string',
  'graph.13': 'value_info',
  'graph.14': 'quantization_annotation',
  'graph.15': 'sparse_initializer',
  'graph.16': 'metadata_props',
  'graph.node.6': 'doc_string',
  'graph.node.8': 'overload',
  'graph.node.9': 'metadata_props',
  'graph.node.attribute.13': 'doc_string',
  'graph.initializer.12': 'doc_string',
  'graph.input.3': 'doc_string',
  'graph.output.3': 'doc_string',
};

/**
 * Paths of what the bytes hold and `decodeWire` leaves out, each once: fields outside the schema, or of another wire
 * type than the schema's, and those of which only the last counts though they are there twice (libraries differ in
 * whether they merge these).
 * @throws whatever protobufjs throws where the bytes are no protobuf message
 */
export function unreadWireFields(bytes: Uint8Array): string[] {
  const found = new Set<string>();
  const type = modelProto();
  type.root.resolveAll();
  const reader = protobuf.Reader.create(bytes);
  walk(reader, reader.len, type, '', found);
  return [...found];
}

function walk(
  reader: protobuf.Reader,
  end: number,
  type: protobuf.Type,
  path: string,
  found: Set<string>,
): void {
  const seen = new Set<number>();
  while (reader.pos < end) {
    const tag = reader.uint32();
    const id = tag >>> 3;
    const field = type.fieldsById[id];
    const name = `${path}${field?.name ?? unreadNames[`${path}${id}`] ?? id}`;
    const isKnown = field !== undefined && hasWireType(field, tag & 7);
    if (field === undefined) found.add(name);
    else if (!isKnown) found.add(`${name} of another wire type`);
    else if (!field.repeated && seen.has(id)) found.add(`${name} twice`);
    seen.add(id);
    if (isKnown && field.resolvedType instanceof protobuf.Type) {
      const length = reader.uint32();
      walk(reader, reader.pos + length, field.resolvedType, `${name}.`, found);
    } else {
      reader.skipType(tag & 7);
    }
  }
}

function hasWireType({ type, repeated, resolvedType }: protobuf.Field, wireType: number): boolean {
  if (resolvedType !== null) return wireType === 2;
  const wireTypes: Readonly<Record<string, number>> = protobuf.types.basic;
  return wireType === wireTypes[type] || (repeated && type in protobuf.types.packed && wireType === 2);
}

/** Decodes the messages of a model. @throws whatever protobufjs throws where the bytes are no protobuf message */
export function decodeWire(bytes: Uint8Array): WireModel {
  const type = modelProto();
  return type.toObject(type.decode(bytes), { longs: String });
}
