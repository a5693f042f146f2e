/** An ONNX model as data: what the writer encodes and the reader decodes. Knows nothing of where it came from. */

/** Types of elements that models here may have. */
export type ElementType = 'float32' | 'int64' | 'bool' | 'float64' | 'int32';

/** The array that holds elements of a type. */
export type ElementArray<T extends ElementType = ElementType> = {
  float32: Float32Array;
  float64: Float64Array;
  int32: Int32Array;
  int64: BigInt64Array;
  /** One byte an element. */
  bool: Uint8Array;
}[T];

/** A constant: weights, or the shape operand of a Reshape. */
export interface Initializer {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: ElementArray;
}

/** A graph input or output; a string is a symbolic dimension ("batch"). */
export interface ValueInfo {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: ReadonlyArray<number | string>;
}

/** Attributes: a number is a float, a bigint an int. */
export type Attribute = number | bigint | string | readonly bigint[] | readonly number[] | Initializer;

/** One operation of a graph. Values are known by name. */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  /** '' leaves an optional operand out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

/** A model: one graph, and what a file says about it. */
export interface OnnxModel {
  /** ≤ 8, so that older runtimes load it. */
  readonly irVersion: number;
  /** ≤ 17. */
  readonly opset: number;
  readonly producerName: string;
  readonly producerVersion: string;
  readonly graphName: string;
  readonly doc?: string;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly nodes: readonly GraphNode[];
  readonly initializers: readonly Initializer[];
  /** metadata_props, written in sorted key order. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What can be read of any ONNX model. */
export interface ModelHeader {
  readonly irVersion: number;
  /** Versions by domain; '' is ONNX's own. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly inputs: readonly HeaderValue[];
  readonly outputs: readonly HeaderValue[];
  /** Operators of the nodes, each with the domain before it where it has one: `com.microsoft.FusedGemm`. */
  readonly operators: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** An input or output of any model. */
export interface HeaderValue {
  readonly name: string;
  /** ONNX's TensorProto.DataType; 0 where the value is no tensor. */
  readonly dataType: number;
  readonly shape: readonly (number | string)[];
}
