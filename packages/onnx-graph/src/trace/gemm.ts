import { reshape } from './reshaping.ts';
import type { Operator, Shape, TensorExpr } from './tensor-expr.ts';
import { constant, format, invalidShape, makeExpr, sameShape, sizeOf } from './tensor-expr.ts';

/** What a matrix product does besides. */
export interface GemmOptions {
  /** Use the transpose of the first matrix. */
  readonly transA?: boolean;
  /** Use the transpose of the second matrix. */
  readonly transB?: boolean;
  /** Factor of the product; 1 by default. */
  readonly alpha?: number;
  /** Added to the product: [columns], [1, columns], [rows, 1], [1] or [rows, columns]. */
  readonly bias?: TensorExpr;
}

/** alpha · A·B + bias for matrices. */
export function gemm(a: TensorExpr, b: TensorExpr, options: GemmOptions = {}): TensorExpr {
  const { transA = false, transB = false, alpha = 1, bias } = options;
  const [rows, inner] = dimensions(a, transA);
  const [innerB, columns] = dimensions(b, transB);
  if (inner !== innerB) {
    throw invalidShape(`gemm: [${rows}, ${inner}] and [${innerB}, ${columns}] do not multiply`);
  }
  const shape = [rows, columns];
  if (bias !== undefined && !broadcastsTo(bias.shape, shape)) {
    throw invalidShape(`gemm: a bias ${format(bias.shape)} does not broadcast to ${format(shape)}`);
  }
  return makeExpr(gemmOperator, {
    inputs: bias === undefined ? [a, b] : [a, b, bias],
    shape,
    attributes: {
      ...(transA ? { transA: 1n } : {}),
      ...(transB ? { transB: 1n } : {}),
      ...(alpha === 1 ? {} : { alpha }),
    },
  });
}

/** The sum of all elements, as a scalar. A product with a row of ones: onnxruntime's reductions are slower. */
export function sum(x: TensorExpr): TensorExpr {
  return scaledSum(x, 1);
}

/** The mean of all elements, as a scalar. */
export function mean(x: TensorExpr): TensorExpr {
  return scaledSum(x, 1 / sizeOf(x.shape));
}

function scaledSum(x: TensorExpr, alpha: number): TensorExpr {
  const row = [1, sizeOf(x.shape)];
  return reshape(gemm(reshape(x, row), constant(1, row), { transB: true, alpha }), []);
}

/** The adjoint of broadcasting: sums over the axes along which `shape` was repeated. */
export function sumTo(x: TensorExpr, shape: Shape): TensorExpr {
  if (sameShape(x.shape, shape)) return x;
  if (sizeOf(shape) === 1) return reshape(sum(x), shape);
  const [rows = 1, columns = 1] = x.shape.length === 1 ? [1, ...x.shape] : x.shape;
  if (sizeOf(shape) === columns && shape[shape.length - 1] === columns) {
    return reshape(gemm(constant(1, [1, rows]), reshape(x, [rows, columns])), shape);
  }
  return reshape(gemm(x, constant(1, [columns, 1])), shape);
}

/** NumPy's rule, one way: `shape` can be repeated to fill `target`. */
export function broadcastsTo(shape: Shape, target: Shape): boolean {
  const offset = target.length - shape.length;
  return offset >= 0 && shape.every((n, d) => n === 1 || n === target[d + offset]);
}

/** The index in a row-major tensor of `shape` that is repeated at `index` of `target`. */
export function broadcastIndex(index: number, shape: Shape, target: Shape): number {
  let rest = index;
  let stride = 1;
  let source = 0;
  for (let d = target.length - 1, s = shape.length - 1; s >= 0; d--, s--) {
    const n = shape[s] ?? 1;
    if (n !== 1) source += (rest % (target[d] ?? 1)) * stride;
    rest = Math.floor(rest / (target[d] ?? 1));
    stride *= n;
  }
  return source;
}

const gemmOperator: Operator = {
  onnxName: 'Gemm',
  evaluate: (expr, [a = new Float64Array(), b = new Float64Array(), c]) => {
    const { transA, transB, alpha } = optionsOf(expr);
    const [rows = 1, columns = 1] = expr.shape;
    const inner = a.length / rows;
    const biasShape = expr.inputs[2]?.shape ?? [];
    return Float64Array.from({ length: rows * columns }, (_, index) => {
      const i = Math.floor(index / columns);
      const j = index % columns;
      let dot = 0;
      for (let k = 0; k < inner; k++) {
        const left = a[transA ? k * rows + i : i * inner + k] ?? 0;
        dot += left * (b[transB ? j * inner + k : k * columns + j] ?? 0);
      }
      return alpha * dot + (c?.[broadcastIndex(index, biasShape, expr.shape)] ?? 0);
    });
  },
  gradients: (expr, upstream) => {
    const { transA, transB, alpha } = optionsOf(expr);
    const [a = upstream, b = upstream, bias] = expr.inputs;
    return [
      transA
        ? gemm(b, upstream, { transA: transB, transB: true, alpha })
        : gemm(upstream, b, { transB: !transB, alpha }),
      transB
        ? gemm(upstream, a, { transA: true, transB: transA, alpha })
        : gemm(a, upstream, { transA: !transA, alpha }),
      bias && sumTo(upstream, bias.shape),
    ];
  },
};

function optionsOf({ attributes }: TensorExpr): { transA: boolean; transB: boolean; alpha: number } {
  const { transA, transB, alpha = 1 } = attributes;
  return { transA: transA === 1n, transB: transB === 1n, alpha: Number(alpha) };
}

function dimensions(matrix: TensorExpr, transposed: boolean): [number, number] {
  const [rows, columns] = matrix.shape;
  if (rows === undefined || columns === undefined) {
    throw invalidShape(`gemm: expected a matrix, got ${format(matrix.shape)}`);
  }
  return transposed ? [columns, rows] : [rows, columns];
}
