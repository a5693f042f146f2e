/** Real actors (the authors' PyTorch weights) as policy files, and a file of each format, which stay readable. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type * as sdk from '@gymwire/agent-sdk';
import type * as parts from '@gymwire/agent-sdk/parts';
import { createSnapshotPolicy, type Policy } from '@gymwire/agent-sdk';
import { exportPolicy, OnnxPolicy, type PolicySnapshot, verifyPolicy } from '@gymwire/exporter';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { trainedActor, trainedSnapshot } from './onnx-policy-case.ts';

interface RecordedJson {
  readonly observations: readonly (readonly number[])[];
  readonly actions: readonly (readonly number[])[];
}

function goldenFile(format: number, extension: 'onnx' | 'json'): URL {
  return new URL(`./onnx-policy-v${format}.${extension}`, import.meta.url);
}

/** The network as one would write it down, without a thought for speed. */
function forward(network: parts.NetworkState, observation: readonly number[]): number[] {
  let x = [...observation];
  network.forEach(({ inputs, weight, bias }, i) => {
    x = Array.from(bias, (b, j) => x.reduce((sum, value, k) => sum + value * weight[j * inputs + k], b));
    if (i < network.length - 1) x = x.map((value) => Math.max(value, 0));
  });
  return x.map(Math.tanh);
}

it('takes a snapshot as the trainer makes it', () => {
  expectTypeOf<sdk.PolicySnapshot>().toExtend<PolicySnapshot>();
  expectTypeOf<PolicySnapshot>().toExtend<sdk.PolicySnapshot>();
  expect(trainedSnapshot('td3_small').actor.length).toBeGreaterThan(1);
});

describe.each(['td3_small', 'td3_wide'])('the actor of %s', (name) => {
  it('acts from its file as its weights say', async () => {
    const { observationNormalizer: _, ...snapshot } = trainedSnapshot(name);
    const { bytes, parity } = await exportPolicy(snapshot);
    expect(parity.maxError).toBeLessThan(1e-5);
    const policy = await OnnxPolicy.load(bytes);
    const actor = trainedActor(name);
    for (let i = 0; i < 50; i++) {
      const observation = Float32Array.from({ length: policy.observationSize }, (_, k) => 3 * Math.sin(i * 7 + k));
      const action = await policy.act(observation);
      forward(actor, Array.from(observation)).forEach((unit, k) => {
        const [low, high] = [snapshot.actionLow[k], snapshot.actionHigh[k]];
        const expected = low + ((unit + 1) / 2) * (high - low);
        expect(Math.abs(action[k] - expected)).toBeLessThan(1e-5 * (high - low));
      });
    }
    await policy.dispose();
  });

  it('passes verification, with its normaliser', async () => {
    const { bytes } = await exportPolicy(trainedSnapshot(name));
    expect(await verifyPolicy(bytes)).toMatchObject({ ok: true, golden: { count: 32 } });
  });
});

describe.each([1, 2])('a file of format %i', (format) => {
  it('is verified for good', async () => {
    const report = await verifyPolicy(await readFile(goldenFile(format, 'onnx')));
    const { envId, evaluation, configHash } = trainedSnapshot('td3_small');
    expect(report).toMatchObject({
      ok: true,
      metadata: { formatVersion: format, envId, evaluation, configHash, user: {} },
    });
  });

  it('is a policy like the snapshot that it was made from', async () => {
    const onnx = await OnnxPolicy.load(await readFile(goldenFile(format, 'onnx')));
    const snapshot = trainedSnapshot('td3_small');
    const policies: readonly Policy[] = [createSnapshotPolicy(snapshot), onnx];
    const observations = Float32Array.from(
      { length: 7 * onnx.observationSize },
      (_, i) => Math.sin(i) * 2,
    );
    const [live, deployed] = await Promise.all(
      policies.map(async (policy) => {
        await policy.reset([0, 1, 2, 3, 4, 5, 6]);
        return policy.act(observations, 7);
      }),
    );
    expect(deployed).toHaveLength(7 * onnx.actionSize);
    const range = snapshot.actionHigh[0] - snapshot.actionLow[0];
    live.forEach((action, i) => expect(Math.abs(deployed[i] - action)).toBeLessThan(1e-6 * range));
    expect(policies.map((policy) => policy.memory)).toEqual([undefined, undefined]);
    await onnx.dispose();
  });

  it('acts as ONNX Runtime for Python recorded it', async () => {
    const recorded = JSON.parse(readFileSync(goldenFile(format, 'json'), 'utf8')) as RecordedJson;
    const policy = await OnnxPolicy.load(await readFile(goldenFile(format, 'onnx')));
    const { actionLow, actionHigh } = trainedSnapshot('td3_small');
    expect(recorded.observations).toHaveLength(40);
    const actions = await policy.act(Float32Array.from(recorded.observations.flat()), 40);
    recorded.actions.flat().forEach((expected, i) => {
      expect(Math.abs(actions[i] - expected)).toBeLessThan(1e-6 * (actionHigh[0] - actionLow[0]));
    });
    await policy.dispose();
  });
});

it('a file of the last format is what the exporter writes, byte for byte', async () => {
  const { bytes } = await exportPolicy(trainedSnapshot('td3_small'));
  expect(Buffer.compare(bytes, await readFile(goldenFile(2, 'onnx')))).toBe(0);
});
