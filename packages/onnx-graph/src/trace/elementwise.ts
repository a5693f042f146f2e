import { broadcastIndex, broadcastsTo, sumTo } from './gemm.ts';
import type { Operator, Shape, TensorExpr } from './tensor-expr.ts';
import { constant, format, invalidShape, isFilledWith, makeExpr, sameShape, sizeOf } from './tensor-expr.ts';

/** Two operands broadcast against each other as in NumPy. */
export function add(a: TensorExpr, b: TensorExpr): TensorExpr {
  if (isFilledWith(b, 0) && broadcastsTo(b.shape, a.shape)) return a;
  if (isFilledWith(a, 0) && broadcastsTo(a.shape, b.shape)) return b;
  return binary(addOperator, a, b);
}

/** a − b; the operands broadcast. */
export function sub(a: TensorExpr, b: TensorExpr): TensorExpr {
  if (isFilledWith(b, 0) && broadcastsTo(b.shape, a.shape)) return a;
  return binary(subOperator, a, b);
}

/** a · b element by element; the operands broadcast. */
export function mul(a: TensorExpr, b: TensorExpr): TensorExpr {
  if (isFilledWith(b, 1) && broadcastsTo(b.shape, a.shape)) return a;
  if (isFilledWith(a, 1) && broadcastsTo(a.shape, b.shape)) return b;
  return binary(mulOperator, a, b);
}

/** a / b element by element; the operands broadcast. */
export function div(a: TensorExpr, b: TensorExpr): TensorExpr {
  if (isFilledWith(b, 1) && broadcastsTo(b.shape, a.shape)) return a;
  return binary(divOperator, a, b);
}

/** The smaller of both; where they are equal the gradient goes to `b`. */
export function minimum(a: TensorExpr, b: TensorExpr): TensorExpr {
  return binary(minOperator, a, b);
}

/** −x. */
export function neg(x: TensorExpr): TensorExpr {
  return unary(negOperator, x);
}

/** x². */
export function square(x: TensorExpr): TensorExpr {
  return mul(x, x);
}

/** √x. */
export function sqrt(x: TensorExpr): TensorExpr {
  return unary(sqrtOperator, x);
}

/** The hyperbolic tangent of each element. */
export function tanh(x: TensorExpr): TensorExpr {
  return unary(tanhOperator, x);
}

/** max(x, 0). Its gradient at zero is zero. */
export function relu(x: TensorExpr): TensorExpr {
  return unary(reluOperator, x);
}

/** 1 where x > 0, else 0. Its gradient is zero. */
export function isPositive(x: TensorExpr): TensorExpr {
  return makeExpr(isPositiveOperator, {
    inputs: [x],
    shape: x.shape,
    attributes: { alpha: Math.fround(steep), beta: 0 },
  });
}

/** min(max(x, low), high). */
export function clip(x: TensorExpr, low: number, high: number): TensorExpr {
  return makeExpr(clipOperator, { inputs: [x, constant(low), constant(high)], shape: x.shape });
}

/** clip(steep·x, 0, 1) is the step function for all x beyond 3e-39: one vectorised pass in onnxruntime. */
const steep = 3e38;

function unary(operator: Operator, x: TensorExpr): TensorExpr {
  return makeExpr(operator, { inputs: [x], shape: x.shape });
}

function binary(operator: Operator, a: TensorExpr, b: TensorExpr): TensorExpr {
  return makeExpr(operator, { inputs: [a, b], shape: broadcastShape(operator.onnxName, a.shape, b.shape) });
}

function broadcastShape(what: string, a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  const shape = Array.from({ length: rank }, (_, d) =>
    Math.max(a[d - rank + a.length] ?? 1, b[d - rank + b.length] ?? 1),
  );
  if (broadcastsTo(a, shape) && broadcastsTo(b, shape)) return shape;
  throw invalidShape(`${what}: ${format(a)} and ${format(b)} do not broadcast`);
}

function unaryOperator(
  onnxName: string,
  f: (x: number) => number,
  gradient: (x: TensorExpr, y: TensorExpr, upstream: TensorExpr) => TensorExpr | undefined,
): Operator {
  return {
    onnxName,
    evaluate: (_expr, [x = new Float64Array()]) => x.map(f),
    gradients: (expr, upstream) => expr.inputs.map((x) => gradient(x, expr, upstream)),
  };
}

/** `gradients` are given at the shape of the result; the sums over repeated axes are added here. */
function binaryOperator(
  onnxName: string,
  f: (a: number, b: number) => number,
  gradients: (
    a: TensorExpr,
    b: TensorExpr,
    upstream: TensorExpr,
  ) => readonly [TensorExpr, TensorExpr | undefined],
): Operator {
  return {
    onnxName,
    evaluate: ({ inputs: [a, b], shape }, [x = new Float64Array(), y = new Float64Array()]) =>
      Float64Array.from({ length: sizeOf(shape) }, (_, i) =>
        f(x[broadcastIndex(i, a?.shape ?? [], shape)] ?? 0, y[broadcastIndex(i, b?.shape ?? [], shape)] ?? 0),
      ),
    gradients: ({ inputs: [a, b] }, upstream) => {
      if (a === undefined || b === undefined) return [];
      const [da, db] = gradients(a, b, upstream);
      return [sumTo(da, a.shape), db && sumTo(db, b.shape)];
    },
  };
}

const addOperator = binaryOperator(
  'Add',
  (a, b) => a + b,
  (_a, _b, up) => [up, up],
);
const subOperator = binaryOperator(
  'Sub',
  (a, b) => a - b,
  (_a, _b, up) => [up, neg(up)],
);
const mulOperator = binaryOperator(
  'Mul',
  (a, b) => a * b,
  // Of a square both halves are equal: one product with 2·up, which is often a constant.
  (a, b, up) => (a === b ? [mul(mul(up, constant(2)), a), undefined] : [mul(up, b), mul(up, a)]),
);
const divOperator = binaryOperator(
  'Div',
  (a, b) => a / b,
  (a, b, up) => [div(up, b), neg(div(mul(div(up, b), a), b))],
);
const minOperator = binaryOperator('Min', Math.min, (a, b, up) => {
  const takesA = isPositive(sub(b, a));
  return [mul(up, takesA), mul(up, sub(constant(1), takesA))];
});
const negOperator = unaryOperator(
  'Neg',
  (x) => -x,
  (_x, _y, up) => neg(up),
);
const sqrtOperator = unaryOperator('Sqrt', Math.sqrt, (_x, y, up) => div(mul(up, constant(0.5)), y));
const tanhOperator = unaryOperator('Tanh', Math.tanh, (_x, y, up) => mul(up, sub(constant(1), square(y))));
const reluOperator = unaryOperator(
  'Relu',
  (x) => Math.max(x, 0),
  (_x, y, up) => mul(up, isPositive(y)),
);
const isPositiveOperator = unaryOperator(
  'HardSigmoid',
  (x) => (x > 0 ? 1 : 0),
  () => undefined,
);

const clipOperator: Operator = {
  onnxName: 'Clip',
  evaluate: (_expr, [x = new Float64Array(), [low = 0] = [], [high = 0] = []]) =>
    x.map((value) => Math.min(Math.max(value, low), high)),
  gradients: ({ inputs: [x, low, high] }, up) =>
    x && low && high
      ? [mul(up, mul(isPositive(sub(x, low)), isPositive(sub(high, x)))), undefined, undefined]
      : [],
};
