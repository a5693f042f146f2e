import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

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

/** ModelProto of proto/onnx-subset.proto, which lies beside `src` and `dist` and is packed with them. */
function modelProto(): protobuf.Type {
  if (modelType === undefined) {
    const path = fileURLToPath(new URL('../proto/onnx-subset.proto', import.meta.url));
    const { root } = protobuf.parse(readFileSync(path, 'utf8'), { keepCase: true });
    modelType = root.lookupType('onnx.ModelProto');
  }
  return modelType;
}

export function encodeWire(model: WireModel): Uint8Array {
  return new Uint8Array(modelProto().encode(model).finish());
}

/** @throws whatever protobufjs throws where the bytes are no protobuf message */
export function decodeWire(bytes: Uint8Array): WireModel {
  const type = modelProto();
  return type.toObject(type.decode(bytes), { longs: String }) as WireModel;
}
