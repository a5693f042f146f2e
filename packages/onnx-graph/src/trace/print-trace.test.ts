import { describe, expect, it } from 'vitest';
import { add, clip, mul } from './elementwise.ts';
import { gemm, mean } from './gemm.ts';
import { printTrace } from './print-trace.ts';
import { reshape, slice } from './reshaping.ts';
import { constant, input } from './tensor-expr.ts';

const [x, w] = [input('x', [2, 3]), input('w', [4, 3])];

describe('printTrace', () => {
  it('has a line for each input, node and output, with names, operators and shapes', () => {
    const y = gemm(x, w, { transB: true, alpha: 0.1 });
    expect(printTrace({ y, loss: mean(y) })).toBe(
      [
        'in   x [2, 3]',
        'in   w [4, 3]',
        '     y [2, 4] = Gemm(x, w) {transB: 1, alpha: 0.1}',
        '     Reshape:1 [1, 8] = Reshape(y, [1, 8])',
        '     Gemm:2 [1, 1] = Gemm(Reshape:1, 1 × [1, 8]) {transB: 1, alpha: 0.125}',
        '     loss [] = Reshape(Gemm:2, [])',
        'out  y [2, 4]',
        'out  loss []',
        '',
      ].join('\n'),
    );
  });

  it('shows constants where they are used, as few digits as mean the same', () => {
    const weights = constant([1 / 3, -2, 1e-9], [1, 3]);
    const many = constant(
      Float64Array.from({ length: 12 }, (_, i) => i),
      [1, 12],
    );
    const lines = printTrace({
      clipped: clip(add(x, weights), -0.5, 3e38),
      sliced: slice(x, 1, 1, 3),
      square: reshape(input('nine', [9]), [3, 3]),
      many: mul(input('long', [1, 12]), many),
    }).split('\n');
    expect(lines).toContain('     Add:0 [2, 3] = Add(x, [0.33333334, -2, 1e-9])');
    expect(lines).toContain('     clipped [2, 3] = Clip(Add:0, -0.5, 3e+38)');
    expect(lines).toContain('     sliced [2, 2] = Slice(x, [1], [3], [1])');
    expect(lines).toContain('     square [3, 3] = Reshape(nine, [3, 3])');
    expect(lines).toContain('     many [1, 12] = Mul(long, [0, 1, 2, 3, 4, 5, 6, 7, … of [1, 12]])');
  });

  it('prints equal subexpressions once, and an output that is an input', () => {
    const print = printTrace({ y: add(mul(x, x), mul(x, x)), same: x });
    expect(print.match(/Mul\(/g)).toHaveLength(1);
    expect(print).toContain('     same [2, 3] = Identity(x)\n');
  });
});
