import { decodeModel } from '@gymwire/onnx-graph';
import { describe, expect, it } from 'vitest';
import { exportPolicy } from './export-policy.ts';
import { OnnxPolicy } from './onnx-policy.ts';
import { randomSnapshot } from './testing/random-snapshot.ts';
import { verifyPolicy } from './verify-policy.ts';
import { writePolicyFile } from './write-policy-file.ts';

describe('exportPolicy', () => {
  it('gives the same bytes for the same snapshot', async () => {
    const first = await exportPolicy(randomSnapshot());
    const second = await exportPolicy(randomSnapshot());
    expect(Buffer.compare(first.bytes, second.bytes)).toBe(0);
    const other = await exportPolicy({ ...randomSnapshot(), envSteps: 20_001 });
    expect(Buffer.compare(first.bytes, other.bytes)).not.toBe(0);
  });

  it('writes standard operators for old runtimes', async () => {
    const model = decodeModel((await exportPolicy(randomSnapshot())).bytes);
    expect(model).toMatchObject({ irVersion: 8, opset: 17, producerName: 'gymwire' });
    const standard = ['Gemm', 'Relu', 'Tanh', 'Mul', 'Add', 'Max', 'Min', 'ReduceSum'];
    for (const { op } of model.nodes) expect(standard).toContain(op);
    for (const { name, type } of model.initializers)
      expect(type).toBe(name === 'guard.axes' ? 'int64' : 'float32');
  });

  it('describes the policy in the file and beside it', async () => {
    const snapshot = randomSnapshot();
    const { metadata, bytes } = await exportPolicy(snapshot);
    const { envId, envSteps, evaluation, configHash } = snapshot;
    expect(metadata).toMatchObject({ formatVersion: 2, envId, envSteps, evaluation, configHash });
    expect(metadata.observation).toEqual({
      shape: [3],
      low: snapshot.observationLow,
      high: snapshot.observationHigh,
    });
    expect(metadata.action).toEqual({ shape: [2], low: snapshot.actionLow, high: snapshot.actionHigh });
    expect(metadata.weightsSha256).toMatch(/^[0-9a-f]{64}$/);
    const policy = await OnnxPolicy.load(bytes);
    expect(policy.metadata).toEqual(metadata);
    await policy.dispose();
  });

  it('keeps metadata of the caller’s own, which may be changed later', async () => {
    const own = { site: 'hall 3', 'a "b"=\n': 'ü' };
    const { metadata, bytes } = await exportPolicy(randomSnapshot(), { metadata: own });
    expect(metadata.user).toEqual(own);
    expect(decodeModel(bytes).metadata).toMatchObject({ 'user.site': 'hall 3' });
    expect(await verifyPolicy(bytes)).toMatchObject({ ok: true, metadata: { user: own } });
  });

  it.each<[Record<string, string>, string]>([
    [{ '': 'x' }, 'expected a name, got ""'],
    [{ half: '\ud800' }, 'expected metadata.half: text that UTF-8 can hold, got "\\ud800"'],
    [{ '\udc00': 'x' }, 'expected a name that UTF-8 can hold'],
    [{ ...(JSON.parse('{"count":3}') as Record<string, string>) }, 'metadata.count: a string, got number'],
  ])('refuses metadata that a file cannot hold: %j', async (metadata, message) => {
    await expect(exportPolicy(randomSnapshot(), { metadata })).rejects.toMatchObject({
      code: 'INVALID_USER_METADATA',
      message: expect.stringContaining(message),
    });
  });

  it.each([
    { sizes: [1, 1] },
    { sizes: [1, 7, 1] },
    { sizes: [4, 33, 2], seed: 2 },
    { sizes: [11, 64, 64, 3], gain: 2, seed: 3 },
    { sizes: [3, 8, 8, 8, 8, 1], seed: 4 },
    { sizes: [17, 256, 256, 6], seed: 5 },
    { sizes: [17, 400, 300, 6], gain: 2, seed: 6 },
  ])('is at parity with float64: %j', async (options) => {
    const { parity } = await exportPolicy(randomSnapshot(options));
    expect(parity.observations).toBe(1000);
    expect(parity.maxError).toBeLessThanOrEqual(1e-5);
    expect(parity.maxErrorByAction).toHaveLength(options.sizes[options.sizes.length - 1]);
  });

  it('is at parity behind a normaliser, clipped or not', async () => {
    const snapshot = randomSnapshot();
    for (const clip of [5, Number.POSITIVE_INFINITY]) {
      const { bytes, parity } = await exportPolicy({
        ...snapshot,
        observationNormalizer: {
          mean: Float32Array.of(1, -200, 0),
          scale: Float32Array.of(0.5, 30, 1),
          clip,
        },
      });
      expect(parity.maxError).toBeLessThanOrEqual(1e-5);
      expect(decodeModel(bytes).nodes.some(({ op }) => op === 'Clip')).toBe(clip === 5);
      expect(await verifyPolicy(bytes)).toMatchObject({ ok: true });
    }
  });

  it('keeps bounds whose rescaling rounds beyond them', async () => {
    const random = randomSnapshot({ sizes: [2, 8, 6], gain: 5 });
    const actionLow = Float32Array.of(-0.4, -0.1, 0.3, -7.7, 1e-3, -1e5);
    const actionHigh = Float32Array.of(0.4, 7.3, 0.9, -0.1, 2e-3, 1.1e5);
    const policy = await OnnxPolicy.load((await exportPolicy({ ...random, actionLow, actionHigh })).bytes);
    const ends = new Set<string>();
    for (let i = 0; i < 200; i++) {
      const observation = Float32Array.of(1e4 * Math.cos(i), 1e4 * Math.sin(i));
      (await policy.act(observation)).forEach((action, k) => {
        expect(action).toBeGreaterThanOrEqual(actionLow[k]);
        expect(action).toBeLessThanOrEqual(actionHigh[k]);
        if (action === actionLow[k]) ends.add(`low ${k}`);
        if (action === actionHigh[k]) ends.add(`high ${k}`);
      });
    }
    expect(ends.size).toBeGreaterThan(6);
    await policy.dispose();
  });

  it.each([
    [{ actionHigh: Float32Array.of(1, Number.POSITIVE_INFINITY) }, 'INVALID_ACTION_BOUNDS'],
    [{ actor: randomSnapshot().actor.slice(1) }, 'SHAPE_MISMATCH'],
    [{ envId: '' }, 'INVALID_SNAPSHOT'],
    [{ actionLow: Float32Array.of(1e6, 0), actionHigh: Float32Array.of(1e6 + 0.125, 1) }, 'ILL_CONDITIONED'],
  ])('refuses what it cannot export (%#)', async (change, code) => {
    await expect(exportPolicy({ ...randomSnapshot(), ...change })).rejects.toMatchObject({
      name: 'ExporterError',
      code,
    });
  });
});

it('says what it takes where it is given nothing, and in which order a file is written', async () => {
  await expect(exportPolicy(null as never)).rejects.toMatchObject({
    code: 'INVALID_SNAPSHOT',
    message: expect.stringMatching(
      /^expected a snapshot, .*, got null; a run without an evaluation/,
    ) as string,
  });
  await expect(writePolicyFile(new Uint8Array(3) as never, 'policy.onnx' as never)).rejects.toMatchObject({
    code: 'UNWRITABLE_FILE',
    message: 'expected a path and bytes, writePolicyFile(path, bytes), got object and string',
  });
});
