import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { decodeModel } from './decode-model.ts';
import { encodeModel } from './encode-model.ts';
import type { OnnxModel } from './model.ts';

/** y = x·W + b with a dynamic batch, then Clip: inputs, an int attribute, a float attribute. */
const affine: OnnxModel = {
  irVersion: 8,
  opset: 17,
  producerName: 'test',
  producerVersion: '1',
  graphName: 'affine',
  doc: 'x·W + b',
  inputs: [{ name: 'x', type: 'float32', shape: ['batch', 2] }],
  outputs: [{ name: 'y', type: 'float32', shape: ['batch', 3] }],
  nodes: [
    {
      name: 'gemm',
      op: 'Gemm',
      inputs: ['x', 'w', 'b'],
      outputs: ['h'],
      attributes: { transB: 1n, alpha: 0.5 },
    },
    { name: 'clip', op: 'Clip', inputs: ['h', '', 'max'], outputs: ['y'] },
  ],
  initializers: [
    { name: 'w', type: 'float32', shape: [3, 2], data: Float32Array.of(2, 4, 6, 8, 10, 12) },
    { name: 'b', type: 'float32', shape: [3], data: Float32Array.of(1, 2, 3) },
    { name: 'max', type: 'float32', shape: [], data: Float32Array.of(20) },
  ],
  metadata: { zeta: 'last', alpha: 'first', ünïcode: '→' },
};

describe('encodeModel', () => {
  it('writes what onnxruntime runs', async () => {
    const session = await InferenceSession.create(encodeModel(affine));
    const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(1, 1, 2, 3), [2, 2]) });
    expect(y?.dims).toEqual([2, 3]);
    expect(Array.from(y?.data as Float32Array)).toEqual([4, 9, 14, 9, 20, 20]);
  });

  it('round-trips every element and attribute type', () => {
    const model: OnnxModel = {
      ...affine,
      nodes: [
        {
          name: 'n',
          op: 'Anything',
          inputs: ['x', ''],
          outputs: ['a', '', 'b'],
          attributes: {
            float: 0.25,
            int: -(2n ** 63n),
            ints: [1n, 2n ** 63n - 1n, -1n],
            floats: [0.5, -3],
            text: 'Größe',
            tensor: { name: 't', type: 'bool', shape: [2], data: Uint8Array.of(1, 0) },
          },
        },
      ],
      initializers: [
        { name: 'f64', type: 'float64', shape: [1, 2], data: Float64Array.of(Math.PI, -0) },
        { name: 'i32', type: 'int32', shape: [1], data: Int32Array.of(-7) },
        { name: 'i64', type: 'int64', shape: [2], data: BigInt64Array.of(-1n, 2n ** 62n) },
        { name: 'none', type: 'float32', shape: [0, 4], data: new Float32Array(0) },
      ],
    };
    expect(decodeModel(encodeModel(affine))).toEqual(affine);
    expect(decodeModel(encodeModel(model))).toEqual(model);
  });

  it('gives equal bytes for equal models, whatever the order of keys', () => {
    const { metadata, nodes, ...rest } = affine;
    const reordered: OnnxModel = {
      metadata: Object.fromEntries(Object.entries(metadata).reverse()),
      nodes: nodes.map((node) => ({
        ...node,
        attributes: Object.fromEntries(Object.entries(node.attributes ?? {}).reverse()),
      })),
      ...rest,
    };
    expect(encodeModel(reordered)).toEqual(encodeModel(affine));
    expect(encodeModel({ ...affine, doc: 'other' })).not.toEqual(encodeModel(affine));
  });

  it.each([
    ['an IR newer than 8', { irVersion: 9 }, /irVersion.*1 to 8.*got 9/],
    ['an opset newer than 17', { opset: 18 }, /opset.*1 to 17.*got 18/],
    [
      'a shape that does not fit its data',
      { initializers: [{ name: 'w', type: 'float32', shape: [4], data: new Float32Array(3) }] },
      /"w".*expected 4 elements.*got 3/,
    ],
    [
      'data of another type',
      { initializers: [{ name: 'w', type: 'int32', shape: [3], data: new Float32Array(3) }] },
      /"w".*int32/,
    ],
    ['a value produced twice', { inputs: [...affine.inputs, ...affine.inputs] }, /"x" is produced twice/],
    [
      'an integer that does not fit',
      { nodes: [{ name: 'n', op: 'Op', inputs: [], outputs: ['y'], attributes: { axis: 2n ** 63n } }] },
      /64 bits/,
    ],
  ] as const)('refuses %s', (_what, change, message) => {
    expect(() => encodeModel({ ...affine, ...change })).toThrow(
      expect.objectContaining({ code: 'INVALID_MODEL', message: expect.stringMatching(message) }),
    );
  });
});
