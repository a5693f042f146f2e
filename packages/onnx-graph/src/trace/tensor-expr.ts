import { OnnxGraphError } from '../errors.ts';
import type { Attribute } from '../model.ts';

/** Sizes of the axes, outermost first. */
export type Shape = readonly number[];

/**
 * A float32 tensor that is yet to be computed: a node of an immutable expression graph. Shapes are static and of
 * rank 0, 1 or 2. Expressions are made by the functions of this folder and turned into a model by `traceModel`.
 */
export interface TensorExpr {
  readonly operator: Operator;
  readonly inputs: readonly TensorExpr[];
  readonly shape: Shape;
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** Trailing operands that ONNX wants as int64 tensors: the shape of a Reshape, the bounds of a Slice. */
  readonly integerOperands: readonly (readonly number[])[];
  /** The name in the model, of an input. */
  readonly name?: string;
  /** The elements of a constant, kept in float64 until they are written. */
  readonly data?: Float64Array;
}

/** An operation: its name in ONNX, its reference and its derivatives. */
export interface Operator {
  /** The standard ONNX operator; '' for inputs, constants and what leaves no node behind. */
  readonly onnxName: string;
  /** The reference: every element in float64, from the inputs' elements. */
  evaluate(expr: TensorExpr, inputs: readonly Float64Array[]): Float64Array;
  /** Per input its gradient, given that of the output; undefined stops there. */
  gradients(expr: TensorExpr, upstream: TensorExpr): readonly (TensorExpr | undefined)[];
}

/** What an expression is made from. */
export interface ExprParts {
  readonly inputs: readonly TensorExpr[];
  readonly shape: Shape;
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly integerOperands?: readonly (readonly number[])[];
}

/** Every expression with operands is made here; where all operands are constants, so is the result. */
export function makeExpr(operator: Operator, parts: ExprParts): TensorExpr {
  const expr = { operator, attributes: {}, integerOperands: [], ...parts };
  const data = parts.inputs.map((input) => input.data).filter((values) => values !== undefined);
  if (data.length < parts.inputs.length) return expr;
  return constant(operator.evaluate(expr, data), parts.shape);
}

/** A value that is fed at run time. */
export function input(name: string, shape: Shape): TensorExpr {
  checkShape(`input "${name}"`, shape);
  return { operator: leaf, inputs: [], shape, attributes: {}, integerOperands: [], name };
}

/** A number is a scalar; `shape` fills it out. */
export function constant(value: number | ArrayLike<number>, shape: Shape = []): TensorExpr {
  checkShape('constant', shape);
  const size = sizeOf(shape);
  const data = typeof value === 'number' ? new Float64Array(size).fill(value) : Float64Array.from(value);
  if (data.length !== size) {
    throw invalidShape(`constant: expected ${size} elements for shape ${format(shape)}, got ${data.length}`);
  }
  return { operator: leaf, inputs: [], shape, attributes: {}, integerOperands: [], data };
}

/** The same value, through which no gradient flows. */
export function stopGradient(x: TensorExpr): TensorExpr {
  return makeExpr(barrier, { inputs: [x], shape: x.shape });
}

/** Returns true for a constant every element of which is `value`. */
export function isFilledWith(expr: TensorExpr, value: number): boolean {
  return expr.data?.every((element) => element === value) ?? false;
}

/** Returns the number of elements. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

export function format(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

export function invalidShape(message: string): OnnxGraphError {
  return new OnnxGraphError('SHAPE_MISMATCH', message);
}

function checkShape(what: string, shape: Shape): void {
  if (shape.length <= 2 && shape.every((size) => Number.isInteger(size) && size >= 1)) return;
  throw invalidShape(`${what}: expected at most two positive dimensions, got ${format(shape)}`);
}

const leaf: Operator = {
  onnxName: '',
  evaluate: (expr) => {
    if (expr.data !== undefined) return expr.data;
    throw new OnnxGraphError('INVALID_MODEL', `input "${expr.name}" has no value here`);
  },
  gradients: () => [],
};

const barrier: Operator = {
  onnxName: '',
  evaluate: (_expr, [x = new Float64Array()]) => x,
  gradients: () => [undefined],
};
