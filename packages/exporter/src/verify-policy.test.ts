import { writeFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { decodeModel, encodeModel, type GraphNode, type OnnxModel, unreadFields } from '@gymwire/onnx-graph';
import { describe, expect, it } from 'vitest';
import { exportPolicy } from './export-policy.ts';
import { sealModel } from './model-seal.ts';
import { OnnxPolicy } from './onnx-policy.ts';
import { createProbeRandom } from './probe-random.ts';
import { randomSnapshot } from './testing/random-snapshot.ts';
import { withTemporaryFolder } from './testing/temporary-folder.ts';
import { type VerifyReport, verifyPolicy } from './verify-policy.ts';

const { bytes, metadata } = await exportPolicy(randomSnapshot({ sizes: [3, 8, 2] }));
const model = decodeModel(bytes);

/** A file whose hashes are right: what is wrong with it must be found by looking closer. */
function forged(change: (model: OnnxModel) => Partial<OnnxModel>): Uint8Array {
  return encodeModel(sealModel({ ...model, ...change(model) }, 2));
}

function withProp(key: string, from: RegExp | string, to: string): Uint8Array {
  const text = model.metadata[key].replace(from, to);
  expect(text).not.toBe(model.metadata[key]);
  return forged(() => ({ metadata: { ...model.metadata, [key]: text } }));
}

function flipped(bit: number): Uint8Array {
  const copy = bytes.slice();
  copy[bit >> 3] ^= 1 << (bit & 7);
  return copy;
}

function findBytes(text: string): number {
  const at = Buffer.from(bytes).indexOf(text);
  expect(at).toBeGreaterThan(0);
  return at;
}

/** A protobuf field of wire type 2. */
function field(id: number, content: Uint8Array): Uint8Array {
  const varint = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, ...varint(n >> 7)]);
  return Uint8Array.from([...varint((id << 3) | 2), ...varint(content.length), ...content]);
}

/** The message with more at the end of the first part that a path of field numbers leads to, if any. */
function appendInside(
  message: Uint8Array,
  [id, ...path]: readonly number[],
  more: Uint8Array,
): Uint8Array | undefined {
  if (id === undefined) return Buffer.concat([message, more]);
  let at = 0;
  const varint = (): number => {
    const byte = message[at++];
    return byte < 128 ? byte : (byte & 127) + 128 * varint();
  };
  while (at < message.length) {
    const start = at;
    const tag = varint();
    const value = varint();
    if ((tag & 7) === 0) continue;
    const content = message.subarray(at, at + value);
    at += value;
    const changed = tag >>> 3 === id ? appendInside(content, path, more) : undefined;
    if (changed === undefined) continue;
    return Buffer.concat([message.subarray(0, start), field(id, changed), message.subarray(at)]);
  }
  return undefined;
}

function withMore(path: readonly number[], more: Uint8Array): Uint8Array {
  const changed = appendInside(bytes, path, more);
  if (changed === undefined) throw new Error(`no field ${path.join('.')}`);
  return changed;
}

/** Returns whether `verifyPolicy` passed a file that says something else than the one it was made from. */
async function isFooledBy(damaged: Uint8Array): Promise<boolean> {
  const report = await verifyPolicy(damaged);
  return report.ok && !(isDeepStrictEqual(decodeModel(damaged), model) && unreadFields(damaged).length === 0);
}

async function expectRefused(damaged: Uint8Array | string, code: string): Promise<VerifyReport> {
  const report = await verifyPolicy(damaged);
  expect(report).toMatchObject({ ok: false, code });
  return report;
}

describe('verifyPolicy', () => {
  it('passes what was exported, from memory and from disk', async () => {
    const report = await verifyPolicy(bytes);
    expect(report).toMatchObject({ ok: true, bytes: bytes.length, metadata, golden: { count: 32 } });
    if (!report.ok) throw new Error(report.message);
    expect(report.golden.maxError).toBeLessThan(1e-6);
    expect(report.parity.maxError).toBeLessThan(1e-5);
    await withTemporaryFolder(async (path) => {
      await writeFile(path('policy.onnx'), bytes);
      expect(await verifyPolicy(path('policy.onnx'))).toEqual(report);
    });
  });

  it('says so where there is no file', async () => {
    await withTemporaryFolder(async (path) => {
      await expectRefused(path('none.onnx'), 'UNREADABLE_FILE');
      expect(await verifyPolicy(path('none.onnx'))).toMatchObject({
        message: `there is no file ${path('none.onnx')}`,
      });
      expect(await verifyPolicy(path('.'))).toMatchObject({
        message: expect.stringContaining('is a folder, expected an .onnx file') as string,
      });
      await expectRefused(path('.'), 'UNREADABLE_FILE');
    });
  });

  it('refuses what is no ONNX file', async () => {
    await expectRefused(new Uint8Array(0), 'NOT_ONNX');
    await expectRefused(new TextEncoder().encode('{"weights": [1, 2, 3]}'), 'NOT_ONNX');
    await expectRefused(new Uint8Array(1000).fill(255), 'NOT_ONNX');
    const saved = Buffer.concat([Buffer.from('\x89GYMWIRE', 'latin1'), bytes]);
    expect(await verifyPolicy(saved)).toMatchObject({
      code: 'NOT_ONNX',
      message: expect.stringContaining('a file of a run') as string,
    });
  });

  it('refuses ONNX files of others', async () => {
    await expectRefused(encodeModel({ ...model, metadata: {} }), 'FOREIGN_MODEL');
    await expectRefused(encodeModel({ ...model, metadata: { author: 'someone' } }), 'FOREIGN_MODEL');
  });

  it('refuses a format of the future', async () => {
    await expectRefused(withProp('gymwire.format', '2', '3'), 'UNSUPPORTED_FORMAT');
  });

  it('refuses every file that was cut short', async () => {
    for (let length = 0; length < bytes.length; length += 97) {
      expect(await verifyPolicy(bytes.subarray(0, length))).toMatchObject({ ok: false });
    }
    expect(await verifyPolicy(bytes.subarray(0, -1))).toMatchObject({ ok: false });
  });

  it('refuses a flipped bit anywhere in the weights', async () => {
    const raw = model.initializers.flatMap(({ data }) => {
      const at = Buffer.from(bytes).indexOf(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
      return Array.from({ length: data.byteLength * 8 }, (_, i) => at * 8 + i);
    });
    expect(raw.length).toBeGreaterThan(50 * 32);
    for (const bit of raw) {
      expect(await verifyPolicy(flipped(bit))).toMatchObject({ ok: false, code: 'CORRUPT_WEIGHTS' });
    }
  });

  it('refuses a flipped bit in the metadata', async () => {
    await expectRefused(flipped((findBytes('"envSteps":20000') + 11) * 8), 'CORRUPT_MODEL');
    await expectRefused(flipped((findBytes('Test-v0') + 6) * 8), 'CORRUPT_MODEL');
    await expectRefused(flipped(findBytes(metadata.weightsSha256) * 8), 'CORRUPT_WEIGHTS');
    await expectRefused(flipped(findBytes(model.metadata['gymwire.model_sha256']) * 8), 'CORRUPT_MODEL');
  });

  it('survives flipped bits in 400 random positions, and passes none that changed anything', async () => {
    const random = createProbeRandom(11);
    for (let i = 0; i < 400; i++) {
      const bit = Math.floor(random.uniform() * bytes.length * 8);
      expect(await isFooledBy(flipped(bit)), `bit ${bit}`).toBe(false);
    }
  });

  it('survives bytes replaced, removed and inserted in 200 random positions', async () => {
    const random = createProbeRandom(12);
    for (let i = 0; i < 200; i++) {
      const at = Math.floor(random.uniform() * bytes.length);
      const removed = i % 3;
      const inserted = Uint8Array.from({ length: i % 4 }, () => Math.floor(random.uniform() * 256));
      const damaged = Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)]);
      expect(await isFooledBy(damaged), `at ${at}`).toBe(false);
    }
  });
});

describe('the seal of a file', () => {
  const note = Buffer.from('note');
  it.each<[string, number[], Uint8Array, string]>([
    ['the model’s domain', [], field(4, note), 'domain'],
    ['the model’s version', [], Uint8Array.of(5 << 3, 7), 'model_version'],
    ['functions', [], field(25, new Uint8Array(0)), 'functions'],
    ['operator sets of others', [], field(8, field(1, note)), 'opset_import note'],
    ['a note on the graph', [7], field(10, note), 'graph.doc_string'],
    ['a note on a node', [7, 1], field(6, note), 'graph.node.doc_string'],
    ['a note on an attribute', [7, 1, 5], field(13, note), 'graph.node.attribute.doc_string'],
    ['a note on the input', [7, 11], field(3, note), 'graph.input.doc_string'],
    ['a note on the output', [7, 12], field(3, note), 'graph.output.doc_string'],
    ['a note on the weights', [7, 5], field(12, note), 'graph.initializer.doc_string'],
  ])('covers %s', async (_what, path, more, name) => {
    const report = await expectRefused(withMore(path, more), 'DERIVED_MODEL');
    expect(report).toMatchObject({ message: expect.stringContaining(`not that policy: ${name} added`) });
  });

  it('covers a second graph, which some readers merge with the first', async () => {
    await expectRefused(withMore([], field(7, field(2, note))), 'CORRUPT_MODEL');
    await expectRefused(withMore([7], field(2, note)), 'CORRUPT_MODEL');
  });

  it('covers a note on the model', async () => {
    await expectRefused(withMore([], field(6, note)), 'CORRUPT_MODEL');
  });

  it('leaves the owner’s metadata free, and shows it', async () => {
    const metadataOf = async (user: Record<string, string>) => {
      const props = Object.fromEntries(Object.entries(user).map(([key, value]) => [`user.${key}`, value]));
      const report = await verifyPolicy(encodeModel({ ...model, metadata: { ...model.metadata, ...props } }));
      return report.ok ? report.metadata.user : report;
    };
    expect(await metadataOf({})).toEqual({});
    expect(await metadataOf({ site: 'hall 3', empty: '' })).toEqual({ site: 'hall 3', empty: '' });
    await expectRefused(
      encodeModel({ ...model, metadata: { ...model.metadata, author: 'x' } }),
      'CORRUPT_MODEL',
    );
  });
});

describe('verifyPolicy on a model that another tool made of a policy', () => {
  const derivedFrom = 'derives from the policy Test-v0, step 20000 (weights ';

  async function derived(change: (model: OnnxModel) => Partial<OnnxModel>) {
    const report = await verifyPolicy(encodeModel({ ...model, ...change(model) }));
    if (report.ok || report.derived === undefined) throw new Error(`not derived: ${JSON.stringify(report)}`);
    expect(report.code).toBe('DERIVED_MODEL');
    expect(report.message).toContain(derivedFrom + metadata.weightsSha256.slice(0, 12));
    expect(report.derived.origin).toEqual(metadata);
    return { ...report.derived, message: report.message };
  }

  /** Every weight on a grid of 1/8, as a quantiser would put it, between nodes that it adds. */
  const coarse = ({ initializers, nodes }: OnnxModel): Partial<OnnxModel> => ({
    initializers: initializers.map((entry) =>
      entry.name.startsWith('actor.')
        ? { ...entry, data: Float32Array.from(entry.data as Float32Array, (x) => Math.round(8 * x) / 8) }
        : entry,
    ),
    nodes: nodes.map((node) =>
      node.op === 'Relu' ? { ...node, op: 'LeakyRelu', attributes: { alpha: 0 } } : node,
    ),
  });

  it('says which golden pairs differ and by how much of the range', async () => {
    const { golden, changes, message, isGuarded } = await derived(coarse);
    expect(changes).toEqual(['operators LeakyRelu']);
    expect(golden.count).toBe(32);
    expect(golden.maxError).toBeGreaterThan(0.001);
    const [first] = golden.differing;
    expect(golden.differing.length).toBeGreaterThan(5);
    expect(Math.max(...golden.differing.map(({ error }) => error))).toBe(golden.maxError);
    expect(golden.batchError).toBeCloseTo(golden.maxError, 5);
    expect(isGuarded).toBe(true);
    expect(message).toContain(
      `${golden.differing.length} of 32 golden pairs differ by more than 1e-5 of the action's range, at most by ` +
        `${golden.maxError.toPrecision(2)}: ${first.pair} by ${first.error.toPrecision(2)}, `,
    );
  });

  it('says so too where all agree', async () => {
    const { golden, changes, message } = await derived(() => ({ opset: 16 }));
    expect(changes).toEqual(['operator set 16 instead of 17']);
    expect(golden).toMatchObject({ differing: [], outOfBounds: [] });
    expect(message).toMatch(/All 32 golden pairs agree, to \d\.\de-\d of the action's range\.$/);
  });

  it('tells of actions out of bounds, NaN and a guard that is gone', async () => {
    const withLast = (change: Partial<GraphNode>) =>
      derived(({ nodes }) => ({
        nodes: nodes.map((node) => (node.name === 'action' ? { ...node, ...change } : node)),
        irVersion: 7,
      }));
    const outside = await withLast({ op: 'Mul', inputs: ['action.bounded', 'action.high'] });
    expect(outside.golden.outOfBounds.length).toBeGreaterThan(0);
    expect(outside.message).toMatch(/Outside the action's bounds: [\d, ]+\.$/);
    const unguarded = await derived(({ nodes }) => ({
      nodes: [
        ...nodes.map((node) => (node.name === 'action' ? { ...node, outputs: ['sum'] } : node)),
        { name: 'whole', op: 'Cast', inputs: ['sum'], outputs: ['whole'], attributes: { to: 7n } },
        { name: 'back', op: 'Cast', inputs: ['whole'], outputs: ['action'], attributes: { to: 1n } },
      ],
    }));
    expect(unguarded.isGuarded).toBe(false);
    expect(unguarded.message).toMatch(/NaN in an observation gives an action\.$/);
    const log = await withLast({ op: 'Log', inputs: ['action.bounded'] });
    expect(log.golden.maxError).toBeNaN();
    expect(log.message).toMatch(/\d of them NaN: /);
  });

  it('runs models of other types, one observation at a time where they want it so', async () => {
    const ends = ({ inputs, outputs }: OnnxModel) => ({
      inputs: inputs.map((value) => ({ ...value, type: 'float64' as const, shape: [1, 3] })),
      outputs: outputs.map((value) => ({ ...value, type: 'float64' as const, shape: [1, 2] })),
    });
    const { golden, changes } = await derived((given) => ({
      ...ends(given),
      nodes: [
        {
          name: 'in',
          op: 'Cast',
          inputs: ['observation'],
          outputs: ['observation.float'],
          attributes: { to: 1n },
        },
        ...given.nodes.map((node) => ({
          ...node,
          inputs: node.inputs.map((name) => (name === 'observation' ? 'observation.float' : name)),
          outputs: node.outputs.map((name) => (name === 'action' ? 'action.float' : name)),
        })),
        { name: 'out', op: 'Cast', inputs: ['action.float'], outputs: ['action'], attributes: { to: 11n } },
      ],
    }));
    expect(changes).toEqual(['observation of float64', 'action of float64', 'operators Cast']);
    expect(golden).toMatchObject({ differing: [], batchError: null });
  });

  it('says what keeps it from running one', async () => {
    const report = await verifyPolicy(
      encodeModel({
        ...model,
        inputs: [...model.inputs, { name: 'more', type: 'float32', shape: [1] }],
        opset: 16,
      }),
    );
    expect(report).toMatchObject({
      code: 'DERIVED_MODEL',
      message: expect.stringContaining(
        'cannot be run: expected one input and one output of floats, got observation',
      ),
    });
  });

  it('takes an operator that there is not for damage', async () => {
    const nodes = model.nodes.map((node) => (node.op === 'Tanh' ? { ...node, op: 'Tanj' } : node));
    const report = await expectRefused(encodeModel({ ...model, nodes }), 'CORRUPT_MODEL');
    expect(report).toMatchObject({ message: expect.stringContaining('ONNX Runtime refused the model') });
  });

  it('is not loaded as the policy', async () => {
    await expect(OnnxPolicy.load(encodeModel({ ...model, ...coarse(model) }))).rejects.toMatchObject({
      code: 'DERIVED_MODEL',
      message: expect.stringContaining('a model made of the policy Test-v0'),
    });
  });

  it('is damage where the description is damaged too', async () => {
    const policy = model.metadata['gymwire.policy'].replace('20000', '20001');
    const changed = { ...model, opset: 16, metadata: { ...model.metadata, 'gymwire.policy': policy } };
    await expectRefused(encodeModel(changed), 'CORRUPT_MODEL');
  });
});

describe('verifyPolicy on files whose hashes are right', () => {
  it('refuses metadata against the schema', async () => {
    const report = await expectRefused(withProp('gymwire.policy', '20000', '-1'), 'INVALID_METADATA');
    expect(report).toMatchObject({ message: expect.stringContaining('envSteps') });
  });

  it('refuses metadata against the graph', async () => {
    await expectRefused(withProp('gymwire.policy', '"low":[-1,', '"low":[-2,'), 'INVALID_METADATA');
    const observation = /"observation":\{"shape":\[3\],"low":\[-8,-8,-8\],"high":\["Infinity",/;
    const shorter = '"observation":{"shape":[2],"low":[-8,-8],"high":[';
    await expectRefused(withProp('gymwire.policy', observation, shorter), 'INVALID_METADATA');
  });

  it('refuses recorded actions that the weights do not give', async () => {
    await expectRefused(
      withProp('gymwire.golden', /"actions":\[\[-?[\d.]+/, '"actions":[[0.75'),
      'GOLDEN_MISMATCH',
    );
  });

  it('refuses weights that do not give the recorded actions', async () => {
    const damaged = forged(({ initializers }) => ({
      initializers: initializers.map((entry) =>
        entry.name === 'actor.1.bias' ? { ...entry, data: Float32Array.of(0.5, 0.5) } : entry,
      ),
    }));
    await expectRefused(damaged, 'GOLDEN_MISMATCH');
  });

  it('refuses weights that are no numbers', async () => {
    const damaged = forged(({ initializers }) => ({
      initializers: initializers.map((entry) =>
        entry.name === 'actor.1.bias' ? { ...entry, data: Float32Array.of(0, Number.NaN) } : entry,
      ),
    }));
    await expectRefused(damaged, 'GOLDEN_MISMATCH');
  });

  it('refuses a graph whose guard was taken out', async () => {
    const { inputs } = model.nodes.at(-1) ?? model.nodes[0];
    const damaged = forged(({ nodes }) => ({
      nodes: [...nodes.slice(0, -1), { ...nodes[nodes.length - 1], op: 'Identity', inputs: [inputs[0]] }],
    }));
    await expectRefused(damaged, 'UNEXPECTED_GRAPH');
  });

  it('refuses another graph and other versions', async () => {
    await expectRefused(
      forged(({ nodes }) => ({ nodes: nodes.slice(1) })),
      'UNEXPECTED_GRAPH',
    );
    await expectRefused(
      forged(() => ({ opset: 16 })),
      'UNEXPECTED_GRAPH',
    );
    await expectRefused(
      forged(() => ({ irVersion: 7 })),
      'UNEXPECTED_GRAPH',
    );
  });

  it('is as strict when a policy is loaded', async () => {
    await expect(OnnxPolicy.load(flipped(findBytes('actor.0.weight') * 8 + 4096))).rejects.toMatchObject({
      name: 'ExporterError',
    });
    await expect(OnnxPolicy.load(withProp('gymwire.policy', '20000', '-1'))).rejects.toMatchObject({
      code: 'INVALID_METADATA',
    });
  });
});
