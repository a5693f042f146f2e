import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { encodeModel } from '../encode-model.ts';
import type { OnnxModel } from '../model.ts';
import { add, div, mul, relu, sqrt, sub, tanh } from './elementwise.ts';
import { gemm, sum } from './gemm.ts';
import { concat, reshape, slice } from './reshaping.ts';
import { constant, input, stopGradient, type TensorExpr } from './tensor-expr.ts';
import { traceModel } from './trace-model.ts';

const x = input('x', [2, 3]);

function trace(outputs: Record<string, TensorExpr>): OnnxModel {
  return traceModel(outputs, { graphName: 'g', producerName: 'test', producerVersion: '1' });
}

function operators(outputs: Record<string, TensorExpr>): string[] {
  return trace(outputs).nodes.map((node) => node.op);
}

describe('traceModel', () => {
  it('writes only what an output needs', () => {
    const unused = tanh(input('unused', [4]));
    expect(unused.shape).toEqual([4]);
    const model = trace({ y: relu(x) });
    expect(model.nodes.map((node) => node.op)).toEqual(['Relu']);
    expect(model.inputs).toEqual([{ name: 'x', type: 'float32', shape: [2, 3] }]);
  });

  it('writes equal subexpressions and equal constants once', () => {
    const twice = () => tanh(mul(x, constant(0.5)));
    const model = trace({ y: add(twice(), twice()) });
    expect(model.nodes.map((node) => node.op)).toEqual(['Mul', 'Tanh', 'Add']);
    expect(model.initializers).toHaveLength(1);
  });

  it('keeps apart what differs in an attribute only', () => {
    const w = input('w', [3, 3]);
    expect(operators({ y: add(gemm(x, w), gemm(x, w, { transB: true })) })).toEqual(['Gemm', 'Gemm', 'Add']);
  });

  it('computes with constants at once, and drops neutral operands', () => {
    const two = sqrt(add(constant(1), constant(3)));
    expect(two.data).toEqual(Float64Array.of(2));
    expect(
      operators({ y: div(mul(add(sub(x, constant(0)), constant(0)), constant(1)), constant(1)) }),
    ).toEqual(['Identity']);
    expect(operators({ y: mul(constant(0, [2, 3]), constant(1)) })).toEqual(['Identity']);
  });

  it('reshapes once, and not at all where the first shape comes back', () => {
    expect(operators({ y: reshape(reshape(relu(x), [6]), [3, 2]) })).toEqual(['Relu', 'Reshape']);
    expect(operators({ y: reshape(reshape(relu(x), [6]), [2, 3]) })).toEqual(['Relu']);
  });

  it('names every output, also an input, a constant and a value with two names', async () => {
    const y = relu(x);
    const model = trace({ y, same: y, input: x, barred: stopGradient(x), five: constant(5, [1]) });
    const session = await InferenceSession.create(encodeModel(model));
    const values = Float32Array.of(-1, 2, -3, 4, -5, 6);
    const got = await session.run({ x: new Tensor('float32', values, [2, 3]) });
    const positive = Float32Array.of(0, 2, 0, 4, 0, 6);
    expect(Object.fromEntries(Object.entries(got).map(([name, tensor]) => [name, tensor.data]))).toEqual({
      y: positive,
      same: positive,
      input: values,
      barred: values,
      five: Float32Array.of(5),
    });
  });

  it('gives equal bytes for equal traces', () => {
    const bytes = () => encodeModel(trace({ y: sum(tanh(gemm(x, input('w', [3, 2])))) }));
    expect(bytes()).toEqual(bytes());
  });

  it.each<[string, () => unknown, string]>([
    ['matrices that do not multiply', () => gemm(x, x), 'SHAPE_MISMATCH'],
    ['a vector for a matrix', () => gemm(input('v', [3]), x), 'SHAPE_MISMATCH'],
    ['a bias of another width', () => gemm(x, x, { transB: true, bias: input('b', [3]) }), 'SHAPE_MISMATCH'],
    ['shapes that do not broadcast', () => add(x, input('v', [2])), 'SHAPE_MISMATCH'],
    ['a reshape of another size', () => reshape(x, [5]), 'SHAPE_MISMATCH'],
    ['parts of different width', () => concat([x, input('p', [2, 2])], 0), 'SHAPE_MISMATCH'],
    ['nothing to join', () => concat([], 0), 'SHAPE_MISMATCH'],
    ['an axis too many', () => slice(x, 2, 0, 1), 'SHAPE_MISMATCH'],
    ['a range beyond the end', () => slice(x, 1, 0, 4), 'SHAPE_MISMATCH'],
    ['a third dimension', () => input('deep', [1, 2, 3]), 'SHAPE_MISMATCH'],
    ['constants that do not fill their shape', () => constant([1, 2], [3]), 'SHAPE_MISMATCH'],
    ['one input with two shapes', () => trace({ y: mul(sum(x), sum(input('x', [4]))) }), 'INVALID_MODEL'],
    ['an output named like an input', () => trace({ x: relu(x) }), 'INVALID_MODEL'],
  ])('refuses %s', (_what, act, code) => {
    expect(act).toThrow(expect.objectContaining({ name: 'OnnxGraphError', code }));
  });
});
