import { createHash } from 'node:crypto';
import { decodeModel, encodeModel, type OnnxModel } from '@gymwire/onnx-graph';
import { describe, expect, it } from 'vitest';
import { checkSeal, sealModel } from './model-seal.ts';

const model: OnnxModel = {
  irVersion: 8,
  opset: 17,
  producerName: 'p',
  producerVersion: '1',
  graphName: 'g',
  inputs: [{ name: 'x', type: 'float32', shape: ['batch', 2] }],
  outputs: [{ name: 'y', type: 'float32', shape: ['batch', 1] }],
  nodes: [{ name: 'n', op: 'Gemm', inputs: ['x', 'w'], outputs: ['y'], attributes: { transB: 1n } }],
  initializers: [{ name: 'w', type: 'float32', shape: [1, 2], data: Float32Array.of(1, -2) }],
  metadata: { 'gymwire.format': '2', 'gymwire.policy': '{}', 'user.note': '' },
};
const sealed = sealModel(model, 2);
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
  { metadata: { ...sealed.metadata, 'gymwire.format': '3' } },
  { metadata: { ...sealed.metadata, 'gymwire.policy': '{ }' } },
  { metadata: { ...sealed.metadata, 'gymwire.more': '' } },
  { metadata: { ...sealed.metadata, 'gymwire.description_sha256': '0'.repeat(64) } },
  { metadata: { ...sealed.metadata, more: '' } },
  { metadata: { ...sealed.metadata, 'gymwire.model_sha256': '0'.repeat(64) } },
];

describe('model seal', () => {
  it('holds for the model as it was sealed, and after a way through a file', () => {
    expect(() => checkSeal(sealed, 2, [])).not.toThrow();
    expect(checkSeal(decodeModel(encodeModel(sealed)), 2, [])).toBe(
      sealed.metadata['gymwire.weights_sha256'],
    );
  });

  it('hashes weights as documented: name, type, shape, little-endian bytes', () => {
    const bytes = Buffer.from('w\0float32\x001,2\0');
    const values = Buffer.from('0000803f000000c0', 'hex');
    const expected = createHash('sha256')
      .update(Buffer.concat([bytes, values]))
      .digest('hex');
    expect(checkSeal(sealed, 2, [])).toBe(expected);
  });

  it.each(weightChanges)('breaks where weights change (%#)', (change) => {
    expect(() => checkSeal({ ...sealed, ...change }, 2, [])).toThrow(
      expect.objectContaining({ code: 'CORRUPT_WEIGHTS' }),
    );
  });

  it.each(otherChanges)('breaks where anything else changes (%#)', (change) => {
    expect(() => checkSeal({ ...sealed, ...change }, 2, [])).toThrow(
      expect.objectContaining({ code: 'CORRUPT_MODEL' }),
    );
  });

  it('breaks where the file says what no policy has, and names it', () => {
    expect(() => checkSeal(sealed, 2, ['domain', 'graph.node.doc_string'])).toThrow(
      expect.objectContaining({
        code: 'CORRUPT_MODEL',
        message: 'the file holds what no policy has: domain, graph.node.doc_string',
      }),
    );
  });

  it('holds whatever the owner writes below user., and tells of other keys where they belong', () => {
    const { 'user.note': _, ...without } = sealed.metadata;
    for (const metadata of [without, { ...without, 'user.note': 'x', 'user.more': 'y' }]) {
      expect(checkSeal({ ...sealed, metadata }, 2, [])).toBe(sealed.metadata['gymwire.weights_sha256']);
    }
    expect(() => checkSeal({ ...sealed, metadata: { ...without, author: 'x' } }, 2, [])).toThrow(
      'it holds author; keys of your own begin with "user."',
    );
  });

  it('is of format 1 where the file is: without the description, and over every key', () => {
    const old = sealModel({ ...model, metadata: { 'gymwire.format': '1' } }, 1);
    expect(Object.keys(old.metadata)).toEqual([
      'gymwire.format',
      'gymwire.weights_sha256',
      'gymwire.model_sha256',
    ]);
    expect(() => checkSeal(old, 1, ['graph.value_info'])).not.toThrow();
    const noted = { ...old, metadata: { ...old.metadata, 'user.note': '' } };
    expect(() => checkSeal(noted, 1, [])).toThrow(expect.objectContaining({ code: 'CORRUPT_MODEL' }));
  });

  it('is not there in a model that was never sealed', () => {
    const { metadata: _, ...bare } = sealed;
    expect(() => checkSeal({ ...bare, metadata: {} }, 2, [])).toThrow(/written with none/);
  });
});
