import { describe, expect, it } from 'vitest';
import { decodeModel, readModelHeader } from './decode-model.ts';
import { encodeModel } from './encode-model.ts';
import { OnnxGraphError } from './errors.ts';
import type { OnnxModel } from './model.ts';
import { encodeWire, type WireModel, type WireTensor } from './wire.ts';

const model: OnnxModel = {
  irVersion: 8,
  opset: 17,
  producerName: '',
  producerVersion: '',
  graphName: 'g',
  inputs: [],
  outputs: [{ name: 'w', type: 'float32', shape: [2] }],
  nodes: [],
  initializers: [{ name: 'w', type: 'float32', shape: [2], data: Float32Array.of(1, 2) }],
  metadata: {},
};

function withTensor(tensor: WireTensor): Uint8Array {
  return encodeWire({ ir_version: 8, opset_import: [{ version: 17 }], graph: { initializer: [tensor] } });
}

function codeOf(bytes: Uint8Array): string {
  try {
    decodeModel(bytes);
  } catch (error) {
    if (error instanceof OnnxGraphError) return error.code;
    throw error;
  }
  return 'no error';
}

describe('decodeModel', () => {
  it('turns every cut and every flipped byte into a model or an OnnxGraphError, never anything else', () => {
    const bytes = encodeModel(model);
    for (let length = 0; length < bytes.length; length++) {
      expect(codeOf(bytes.subarray(0, length))).toBe('CORRUPT_MODEL');
    }
    for (let i = 0; i < bytes.length; i++) {
      for (const flip of [0x01, 0x08, 0x80, 0xff]) {
        const damaged = bytes.slice();
        damaged[i] = (bytes[i] ?? 0) ^ flip;
        expect(['no error', 'CORRUPT_MODEL', 'UNSUPPORTED_MODEL']).toContain(codeOf(damaged));
      }
    }
  });

  it('reads the typed data fields that other writers use', () => {
    const tensors: WireTensor[] = [
      { name: 'a', data_type: 1, dims: [2], float_data: [0.5, 2] },
      { name: 'b', data_type: 11, dims: [1], double_data: [0.1] },
      { name: 'c', data_type: 6, dims: [1], int32_data: [-3] },
      { name: 'd', data_type: 7, dims: [1], int64_data: [-4] },
      { name: 'e', data_type: 9, dims: [2], int32_data: [1, 0] },
    ];
    const data = tensors.map((tensor) => decodeModel(withTensor(tensor)).initializers[0]?.data);
    expect(data).toEqual([
      Float32Array.of(0.5, 2),
      Float64Array.of(0.1),
      Int32Array.of(-3),
      BigInt64Array.of(-4n),
      Uint8Array.of(1, 0),
    ]);
  });

  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'CORRUPT_MODEL'],
    ['text', new TextEncoder().encode('not a model at all'), 'CORRUPT_MODEL'],
    [
      'too few elements',
      withTensor({ name: 'w', data_type: 1, dims: [3], float_data: [1] }),
      'CORRUPT_MODEL',
    ],
    [
      'half an element',
      withTensor({ data_type: 1, dims: [1], raw_data: new Uint8Array(3) }),
      'CORRUPT_MODEL',
    ],
    ['a negative size', withTensor({ data_type: 1, dims: [-1] }), 'CORRUPT_MODEL'],
    ['an element type outside the subset', withTensor({ data_type: 16, dims: [0] }), 'UNSUPPORTED_MODEL'],
    ['external data', withTensor({ data_type: 1, dims: [1], data_location: 1 }), 'UNSUPPORTED_MODEL'],
    [
      'a node of another domain',
      withNode({ op_type: 'FusedGemm', domain: 'com.microsoft' }),
      'UNSUPPORTED_MODEL',
    ],
    ['a node without operator', withNode({ name: 'n' }), 'CORRUPT_MODEL'],
    [
      'a graph attribute',
      withNode({ op_type: 'If', attribute: [{ name: 'x', type: 5 }] }),
      'UNSUPPORTED_MODEL',
    ],
    [
      'data in two fields, of which readers take one',
      withTensor({ data_type: 1, dims: [1], float_data: [1], raw_data: new Uint8Array(4) }),
      'CORRUPT_MODEL',
    ],
    [
      'an attribute with two values',
      withNode({ op_type: 'Gemm', attribute: [{ name: 'alpha', type: 1, f: 1, i: 2 }] }),
      'CORRUPT_MODEL',
    ],
    [
      'an attribute twice',
      withNode({
        op_type: 'Gemm',
        attribute: [
          { name: 'alpha', type: 1, f: 1 },
          { name: 'alpha', type: 1, f: 2 },
        ],
      }),
      'CORRUPT_MODEL',
    ],
    [
      'a metadata key twice',
      encodeWire({
        ir_version: 8,
        opset_import: [{ version: 17 }],
        graph: {},
        metadata_props: [
          { key: 'k', value: '1' },
          { key: 'k', value: '2' },
        ],
      }),
      'CORRUPT_MODEL',
    ],
    [
      'an operator set twice',
      encodeWire({ ir_version: 8, opset_import: [{ version: 17 }, { domain: '', version: 18 }], graph: {} }),
      'CORRUPT_MODEL',
    ],
  ])('refuses %s', (_what, bytes, code) => {
    expect(codeOf(bytes)).toBe(code);
  });
});

it('readModelHeader reads models that decodeModel does not support', () => {
  const half = { tensor_type: { elem_type: 10, shape: { dim: [{ dim_param: 'n' }, { dim_value: 3 }] } } };
  const bytes = encodeWire({
    ir_version: 10,
    opset_import: [{ version: 21 }, { domain: 'com.microsoft', version: 1 }],
    graph: {
      input: [{ name: 'x', type: half }],
      output: [{ name: 'y', type: {} }],
      node: [{ op_type: 'Cast' }, { op_type: 'FusedGemm', domain: 'com.microsoft' }],
    },
    metadata_props: [{ key: 'k', value: 'v' }],
  });
  expect(readModelHeader(bytes)).toEqual({
    irVersion: 10,
    opsets: { '': 21, 'com.microsoft': 1 },
    inputs: [{ name: 'x', dataType: 10, shape: ['n', 3] }],
    outputs: [{ name: 'y', dataType: 0, shape: [] }],
    operators: ['Cast', 'com.microsoft.FusedGemm'],
    metadata: { k: 'v' },
  });
  expect(() => readModelHeader(bytes.subarray(1))).toThrow(
    expect.objectContaining({ code: 'CORRUPT_MODEL' }),
  );
});

type WireNodeList = NonNullable<NonNullable<WireModel['graph']>['node']>;

function withNode(node: WireNodeList[number]): Uint8Array {
  return encodeWire({ ir_version: 8, opset_import: [{ version: 17 }], graph: { node: [node] } });
}
