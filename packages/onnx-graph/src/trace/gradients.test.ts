import { describe, expect, it } from 'vitest';
import { add, mul, relu, square, sub, tanh } from './elementwise.ts';
import { evaluate } from './evaluate.ts';
import { gemm, mean, sum } from './gemm.ts';
import { gradients } from './gradients.ts';
import { slice } from './reshaping.ts';
import { constant, input, stopGradient, type TensorExpr } from './tensor-expr.ts';

const x = input('x', [2]);
const feeds = { x: [3, -2] };

function gradientAt(loss: TensorExpr, wrt: TensorExpr = x): number[] {
  const [adjoint = x] = gradients(loss, [wrt]);
  return [...evaluate(adjoint, feeds)];
}

describe('gradients', () => {
  it('adds up all paths to an operand', () => {
    // x² + x·x² → 2x + 3x²
    const y = square(x);
    expect(gradientAt(sum(add(y, mul(x, y))))).toEqual([33, 8]);
  });

  it('stops at stopGradient, which passes the value on', () => {
    const y = stopGradient(square(x));
    expect([...evaluate(y, feeds)]).toEqual([9, 4]);
    expect(gradientAt(sum(mul(x, y)))).toEqual([9, 4]);
  });

  it('differentiates with respect to an expression inside the graph', () => {
    const part = slice(x, 0, 1, 2);
    expect(gradientAt(sum(mul(square(part), slice(x, 0, 0, 1))), part)).toEqual([-12]);
  });

  it('gives zeros for what the loss does not depend on', () => {
    expect(gradientAt(sum(square(x)), input('other', [2, 3]))).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('sends the gradient of relu at zero nowhere, as torch does', () => {
    const at = gradients(sum(relu(x)), [x])[0] ?? x;
    expect([...evaluate(at, { x: [0, 1e-30] })]).toEqual([0, 1]);
  });

  it('refuses a loss of many elements', () => {
    expect(() => gradients(x, [x])).toThrow(expect.objectContaining({ code: 'SHAPE_MISMATCH' }));
  });

  it('differentiates a small network twice over', () => {
    // d/dx of |∇ f|² has no closed form worth writing down: compare with differences.
    const w = constant([0.3, -0.8, 0.5, 0.9], [2, 2]);
    const hidden = tanh(gemm(input('m', [1, 2]), w));
    const m = hidden.inputs[0]?.inputs[0] ?? x;
    const [first = x] = gradients(mean(square(sub(hidden, constant(0.25)))), [m]);
    const norm = sum(square(first));
    const [second = x] = gradients(norm, [m]);
    const at = [0.4, -0.7];
    const slope = at.map((value, i) => {
      const normAt = (v: number) => evaluate(norm, { m: at.with(i, v) })[0] ?? Number.NaN;
      return (normAt(value + 1e-6) - normAt(value - 1e-6)) / 2e-6;
    });
    evaluate(second, { m: at }).forEach((value, i) => {
      expect(value).toBeCloseTo(slope[i] ?? Number.NaN, 8);
    });
  });
});
