import { createHash } from 'node:crypto';
import { decodeModel, encodeModel, type OnnxModel } from '@gymwire/onnx-graph';
import { describe, expect, it } from 'vitest';
import { checkSeal, sealModel } from './model-seal.ts';

const sealed = sealModel({
  irVersion: 8,
  opset: 17,
  producerName: 'p',
  producerVersion: '1',
  graphName: 'g',
  inputs: [{ name: 'x', type: 'float32', shape: ['batch', 2] }],
  outputs: [{ name: 'y', type: 'float32', shape: ['batch', 1] }],
  nodes: [{ name: 'n', op: 'Gemm', inputs: ['x', 'w'], outputs: ['y'], attributes: { transB: 1n } }],
  initializers: [{ name: 'w', type: 'float32', shape: [1, 2], data: Float32Array.of(1, -2) }],
  metadata: { 'gymwire.format': '1', note: '' },
});
const [input] = sealed.inputs;
const [node] = sealed.nodes;
const [weight] = sealed.initializers;

const weightChanges: ReadonlyArray<Partial<OnnxModel>> = [
  { initializers: [{ ...weight, data: Float32Array.of(1, -2.0000002) }] },
  { initializers: [{ ...weight, data: Float32Array.of(1, 2) }] },
  { initializers: [{ ...weight, shape: [2, 1] }] },
  { initializers: [{ ...weight, name: 'v' }] },
  { initializers: [{ ...weight, type: 'int32', data: new Int32Array(Float32Array.of(1, -2).buffer) }] },
  { initializers: [] },
  { metadata: { ...sealed.metadata, 'gymwire.weights_sha256': '0'.repeat(64) } },
];

const otherChanges: ReadonlyArray<Partial<OnnxModel>> = [
  { irVersion: 7 },
  { opset: 16 },
  { producerName: 'q' },
  { producerVersion: '2' },
  { graphName: 'h' },
  { doc: '' },
  { inputs: [{ ...input, name: 'z' }] },
  { inputs: [{ ...input, type: 'float64' }] },
  { outputs: [{ ...input, shape: [1, 1] }] },
  { nodes: [{ ...node, name: 'm' }] },
  { nodes: [{ ...node, op: 'MatMul' }] },
  { nodes: [{ ...node, inputs: ['w', 'x'] }] },
  { nodes: [{ ...node, outputs: ['z'] }] },
  { nodes: [{ ...node, attributes: { transB: 0n } }] },
  { nodes: [{ ...node, attributes: { transB: 1 } }] },
  { nodes: [node, node] },
  { metadata: { ...sealed.metadata, 'gymwire.format': '2' } },
  { metadata: { ...sealed.metadata, more: '' } },
  { metadata: { ...sealed.metadata, 'gymwire.model_sha256': '0'.repeat(64) } },
];

describe('model seal', () => {
  it('holds for the model as it was sealed, and after a way through a file', () => {
    expect(() => checkSeal(sealed)).not.toThrow();
    expect(checkSeal(decodeModel(encodeModel(sealed)))).toBe(sealed.metadata['gymwire.weights_sha256']);
  });

  it('hashes weights as documented: name, type, shape, little-endian bytes', () => {
    const bytes = Buffer.from('w\0float32\x001,2\0');
    const values = Buffer.from('0000803f000000c0', 'hex');
    const expected = createHash('sha256')
      .update(Buffer.concat([bytes, values]))
      .digest('hex');
    expect(checkSeal(sealed)).toBe(expected);
  });

  it.each(weightChanges)('breaks where weights change (%#)', (change) => {
    expect(() => checkSeal({ ...sealed, ...change })).toThrow(
      expect.objectContaining({ code: 'CORRUPT_WEIGHTS' }),
    );
  });

  it.each(otherChanges)('breaks where anything else changes (%#)', (change) => {
    expect(() => checkSeal({ ...sealed, ...change })).toThrow(
      expect.objectContaining({ code: 'CORRUPT_MODEL' }),
    );
  });

  it('is not there in a model that was never sealed', () => {
    const { metadata: _, ...bare } = sealed;
    expect(() => checkSeal({ ...bare, metadata: {} })).toThrow(/written with none/);
  });
});
