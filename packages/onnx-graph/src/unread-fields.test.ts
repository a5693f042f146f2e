import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { encodeModel } from './encode-model.ts';
import type { OnnxModel } from './model.ts';
import { unreadFields } from './unread-fields.ts';
import { encodeWire, type WireModel } from './wire.ts';

const model: OnnxModel = {
  irVersion: 8,
  opset: 17,
  producerName: 'p',
  producerVersion: '1',
  graphName: 'g',
  doc: 'd',
  inputs: [{ name: 'x', type: 'float32', shape: ['batch', 2] }],
  outputs: [{ name: 'y', type: 'float32', shape: ['batch', 1] }],
  nodes: [{ name: 'n', op: 'Gemm', inputs: ['x', 'w'], outputs: ['y'], attributes: { transB: 1n } }],
  initializers: [{ name: 'w', type: 'float32', shape: [1, 2], data: Float32Array.of(1, -2) }],
  metadata: { key: 'value' },
};
const bytes = encodeModel(model);

/** A field of wire type 2 of its own, behind what is there. */
function text(id: number, value: string): Uint8Array {
  return protobuf.Writer.create()
    .uint32((id << 3) | 2)
    .string(value)
    .finish();
}

/** A model whose only graph, or part of a graph, is these bytes. */
function inside(ids: readonly number[], content: Uint8Array): Uint8Array {
  return ids.reduceRight(
    (inner: Uint8Array, id) =>
      protobuf.Writer.create()
        .uint32((id << 3) | 2)
        .bytes(inner)
        .finish(),
    content,
  );
}

describe('unreadFields', () => {
  it('is empty for what encodeModel writes', () => {
    expect(unreadFields(bytes)).toEqual([]);
  });

  it.each<[string, Uint8Array, string[]]>([
    ['a domain of the model', Buffer.concat([bytes, text(4, 'org')]), ['domain']],
    ['a model version', Buffer.concat([bytes, Uint8Array.of(5 << 3, 1)]), ['model_version']],
    ['a function', Buffer.concat([bytes, text(25, '')]), ['functions']],
    ['a field of no ONNX version', Buffer.concat([bytes, text(300, 'x')]), ['300']],
    ['a note on a node', inside([7, 1], text(6, 'x')), ['graph.node.doc_string']],
    ['a note on an input', inside([7, 11], text(3, 'x')), ['graph.input.doc_string']],
    ['types of values in between', inside([7, 13], text(1, 'x')), ['graph.value_info']],
    ['a name twice', Buffer.concat([text(2, 'a'), text(2, 'b')]), ['producer_name twice']],
    ['two graphs', Buffer.concat([bytes, inside([7], text(2, 'g'))]), ['graph twice']],
    ['a name that is a number', Uint8Array.of(2 << 3, 7), ['producer_name of another wire type']],
  ])('names %s', (_what, file, expected) => {
    expect(unreadFields(file)).toEqual(expected);
  });

  it('names operator sets of other domains', () => {
    const wire: WireModel = { opset_import: [{ version: 17 }, { domain: 'com.microsoft', version: 1 }] };
    expect(unreadFields(encodeWire(wire))).toEqual(['opset_import com.microsoft']);
  });

  it('refuses what is no message', () => {
    expect(() => unreadFields(bytes.subarray(0, -1))).toThrow(
      expect.objectContaining({ code: 'CORRUPT_MODEL' }),
    );
  });
});
