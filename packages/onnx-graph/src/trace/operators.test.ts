import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { encodeModel } from '../encode-model.ts';
import { add, clip, div, minimum, mul, neg, relu, sqrt, square, sub, tanh } from './elementwise.ts';
import { evaluate } from './evaluate.ts';
import { gemm, mean, sum } from './gemm.ts';
import { gradients } from './gradients.ts';
import { concat, reshape, slice } from './reshaping.ts';
import { constant, input, type Shape, sizeOf, type TensorExpr } from './tensor-expr.ts';
import { traceModel } from './trace-model.ts';

interface Case {
  readonly name: string;
  readonly shapes: readonly Shape[];
  readonly apply: (...operands: TensorExpr[]) => TensorExpr;
  /** Operands are drawn from ±1, or from 0.5 to 2 where the operator wants positive ones. */
  readonly positive?: true;
}

const cases: readonly Case[] = [
  ...broadcastCases('add', add),
  ...broadcastCases('sub', sub),
  ...broadcastCases('mul', mul),
  ...broadcastCases('div', div, true),
  ...broadcastCases('minimum', minimum),
  { name: 'neg', shapes: [[3, 4]], apply: neg },
  { name: 'square', shapes: [[3, 4]], apply: square },
  { name: 'sqrt', shapes: [[3, 4]], apply: sqrt, positive: true },
  { name: 'tanh', shapes: [[5]], apply: tanh },
  { name: 'relu', shapes: [[4, 5]], apply: relu },
  { name: 'clip', shapes: [[4, 5]], apply: (x) => clip(x, -0.4, 0.5) },
  { name: 'sum', shapes: [[4, 3]], apply: sum },
  { name: 'mean', shapes: [[7]], apply: mean },
  { name: 'reshape', shapes: [[4, 3]], apply: (x) => square(reshape(x, [2, 6])) },
  ...[0, 1].flatMap((axis) => [
    {
      name: `concat along ${axis}`,
      shapes: [axis === 0 ? [2, 3] : [3, 2], [3, 3]],
      apply: (...parts: TensorExpr[]) => concat(parts, axis),
    },
    { name: `slice along ${axis}`, shapes: [[4, 5]], apply: (x: TensorExpr) => slice(x, axis, 1, 3) },
  ]),
  { name: 'slice to the end of a vector', shapes: [[6]], apply: (x) => slice(x, 0, 4, 6) },
  ...[false, true].flatMap((transA) =>
    [false, true].map((transB) => ({
      name: `gemm${transA ? ' transA' : ''}${transB ? ' transB' : ''}`,
      shapes: [transA ? [3, 2] : [2, 3], transB ? [4, 3] : [3, 4]],
      apply: (a: TensorExpr, b: TensorExpr) => gemm(a, b, { transA, transB, alpha: 0.5 }),
    })),
  ),
  ...[[4], [1, 4], [2, 1], [2, 4], [1]].map((biasShape) => ({
    name: `gemm with a bias [${biasShape.join(', ')}]`,
    shapes: [[2, 3], [3, 4], biasShape],
    apply: (a: TensorExpr, b: TensorExpr, bias: TensorExpr) => gemm(a, b, { bias }),
  })),
];

function broadcastCases(
  name: string,
  apply: (a: TensorExpr, b: TensorExpr) => TensorExpr,
  positive?: true,
): Case[] {
  const pairs: [Shape, Shape][] = [
    [
      [3, 4],
      [3, 4],
    ],
    [[3, 4], [4]],
    [
      [3, 1],
      [1, 4],
    ],
    [[], [3, 4]],
    [[5], [1]],
  ];
  return pairs.map(([a, b]) => ({
    name: `${name} [${a.join(', ')}] and [${b.join(', ')}]`,
    shapes: [a, b],
    apply,
    ...(positive ? { positive } : {}),
  }));
}

/** A fixed sequence without structure; 0.618… keeps neighbours apart. */
function draw(size: number, seed: number, positive: boolean): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => {
    const unit = ((i + 1) * 0.6180339887 + seed * 0.7548776662) % 1;
    return positive ? 0.5 + 1.5 * unit : 2 * unit - 1;
  });
}

async function runOrt(outputs: Record<string, TensorExpr>, feeds: Record<string, Float32Array>) {
  const model = traceModel(outputs, { graphName: 'case', producerName: 'test', producerVersion: '1' });
  const session = await InferenceSession.create(encodeModel(model));
  const tensors = model.inputs.map(({ name, shape }) => {
    return [name, new Tensor('float32', feeds[name] ?? new Float32Array(), shape.map(Number))] as const;
  });
  return session.run(Object.fromEntries(tensors));
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const want = expected[i] ?? Number.NaN;
    expect(Math.abs((actual[i] ?? Number.NaN) - want)).toBeLessThanOrEqual(tolerance * (1 + Math.abs(want)));
  }
}

describe.each(cases)('$name', ({ shapes, apply, positive = false }) => {
  const operands = shapes.map((shape, i) => input(`x${i}`, shape));
  const feeds = Object.fromEntries(shapes.map((shape, i) => [`x${i}`, draw(sizeOf(shape), i + 1, positive)]));
  const result = apply(...operands);
  // A random projection makes one loss of all elements, each with a weight of its own.
  const weights = constant(draw(sizeOf(result.shape), 9, true), result.shape);
  const loss = sum(mul(result, weights));
  const adjoints = gradients(loss, operands);

  it('computes the same in onnxruntime, forwards and backwards', async () => {
    const outputs = { result, ...Object.fromEntries(adjoints.map((adjoint, i) => [`d${i}`, adjoint])) };
    const got = await runOrt(outputs, feeds);
    for (const [name, expr] of Object.entries(outputs)) {
      expect(got[name]?.dims).toEqual(expr.shape);
      expectClose(got[name]?.data as Float32Array, evaluate(expr, feeds), 2e-6);
    }
  });

  it('has the gradient that finite differences show', () => {
    const step = 1e-6;
    operands.forEach((operand, i) => {
      expect(adjoints[i]?.shape).toEqual(operand.shape);
      const at = Float64Array.from(feeds[`x${i}`] ?? []);
      const slope = at.map((value, k) => {
        const lossAt = (x: number) => evaluate(loss, { ...feeds, [`x${i}`]: at.with(k, x) })[0] ?? Number.NaN;
        return (lossAt(value + step) - lossAt(value - step)) / (2 * step);
      });
      expectClose(evaluate(adjoints[i] ?? operand, feeds), slope, 1e-8);
    });
  });
});
