import type { Operator, Shape, TensorExpr } from './tensor-expr.ts';
import { constant, format, invalidShape, makeExpr, sameShape, sizeOf } from './tensor-expr.ts';

/** The same elements in row-major order under another shape. */
export function reshape(x: TensorExpr, shape: Shape): TensorExpr {
  if (sameShape(x.shape, shape)) return x;
  if (sizeOf(x.shape) !== sizeOf(shape)) {
    throw invalidShape(`reshape: expected a shape of ${sizeOf(x.shape)} elements, got ${format(shape)}`);
  }
  const [source] = x.inputs;
  if (x.operator === reshapeOperator && source !== undefined) return reshape(source, shape);
  return makeExpr(reshapeOperator, { inputs: [x], shape, integerOperands: [shape] });
}

/** Joins tensors that differ at most along `axis`. */
export function concat(parts: readonly TensorExpr[], axis: number): TensorExpr {
  const [first, ...rest] = parts;
  if (first === undefined) throw invalidShape('concat: expected at least one tensor');
  if (rest.length === 0) return first;
  checkAxis('concat', first.shape, axis);
  for (const { shape } of rest) {
    if (shape.length === first.shape.length && shape.every((n, d) => d === axis || n === first.shape[d]))
      continue;
    throw invalidShape(`concat: ${format(first.shape)} and ${format(shape)} differ beside axis ${axis}`);
  }
  const length = parts.reduce((sum, part) => sum + (part.shape[axis] ?? 0), 0);
  const shape = first.shape.map((n, d) => (d === axis ? length : n));
  return makeExpr(concatOperator, { inputs: parts, shape, attributes: { axis: BigInt(axis) } });
}

/** Elements `start` to `end` (exclusive) along `axis`. */
export function slice(x: TensorExpr, axis: number, start: number, end: number): TensorExpr {
  checkAxis('slice', x.shape, axis);
  const length = x.shape[axis] ?? 0;
  if (!(0 <= start && start < end && end <= length)) {
    throw invalidShape(`slice: expected a range within 0 to ${length}, got ${start} to ${end}`);
  }
  if (end - start === length) return x;
  const shape = x.shape.map((n, d) => (d === axis ? end - start : n));
  return makeExpr(sliceOperator, { inputs: [x], shape, integerOperands: [[start], [end], [axis]] });
}

/** Cuts `x` along `axis` into pieces of the given lengths. */
export function split(x: TensorExpr, axis: number, lengths: readonly number[]): TensorExpr[] {
  let start = 0;
  return lengths.map((length) => {
    start += length;
    return slice(x, axis, start - length, start);
  });
}

const reshapeOperator: Operator = {
  onnxName: 'Reshape',
  evaluate: (_expr, [x = new Float64Array()]) => x,
  gradients: ({ inputs: [x] }, upstream) => [x && reshape(upstream, x.shape)],
};

const concatOperator: Operator = {
  onnxName: 'Concat',
  evaluate: (expr, parts) => {
    const { rows } = blocks(expr.shape, axisOf(expr));
    const widths = parts.map((part) => part.length / rows);
    const out = new Float64Array(sizeOf(expr.shape));
    let at = 0;
    for (let row = 0; row < rows; row++) {
      parts.forEach((part, i) => {
        const width = widths[i] ?? 0;
        out.set(part.subarray(row * width, (row + 1) * width), at);
        at += width;
      });
    }
    return out;
  },
  gradients: (expr, upstream) => {
    const axis = axisOf(expr);
    return split(
      upstream,
      axis,
      expr.inputs.map((part) => part.shape[axis] ?? 0),
    );
  },
};

const sliceOperator: Operator = {
  onnxName: 'Slice',
  evaluate: (expr, [x = new Float64Array()]) => {
    const { start, end, axis } = rangeOf(expr);
    const { rows, stride } = blocks(expr.inputs[0]?.shape ?? [], axis);
    const width = x.length / rows;
    const out = new Float64Array(sizeOf(expr.shape));
    for (let row = 0; row < rows; row++) {
      const from = row * width;
      out.set(x.subarray(from + start * stride, from + end * stride), row * (end - start) * stride);
    }
    return out;
  },
  gradients: (expr, upstream) => {
    const whole = expr.inputs[0]?.shape ?? [];
    const { start, end, axis } = rangeOf(expr);
    const zeros = (length: number): TensorExpr[] =>
      length === 0
        ? []
        : [
            constant(
              0,
              whole.map((n, d) => (d === axis ? length : n)),
            ),
          ];
    return [concat([...zeros(start), upstream, ...zeros((whole[axis] ?? 0) - end)], axis)];
  },
};

function axisOf(expr: TensorExpr): number {
  return Number(expr.attributes['axis']);
}

function rangeOf(expr: TensorExpr): { start: number; end: number; axis: number } {
  const [[start = 0] = [], [end = 0] = [], [axis = 0] = []] = expr.integerOperands;
  return { start, end, axis };
}

/** `rows` index combinations before the axis, `stride` elements behind each index of it. */
function blocks(shape: Shape, axis: number): { rows: number; stride: number } {
  return { rows: sizeOf(shape.slice(0, axis)), stride: sizeOf(shape.slice(axis + 1)) };
}

function checkAxis(what: string, shape: Shape, axis: number): void {
  if (Number.isInteger(axis) && axis >= 0 && axis < shape.length) return;
  throw invalidShape(`${what}: expected an axis of ${format(shape)}, got ${axis}`);
}
