/** ONNX's own checker and ONNX Runtime for Python agree with what the exporter wrote. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandomGenerator } from '@gymwire/env-server';
import { exportPolicy, type LinearLayer, type PolicySnapshot } from '@gymwire/exporter';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runPython } from './harness/python.ts';

const script = join('test', 'oracles', 'python', 'check_policy.py');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gymwire-onnx-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An actor of torch's initial scale, in an environment with unequal bounds. */
function randomSnapshot(sizes: readonly [number, ...number[]], seed: number): PolicySnapshot {
  const random = createRandomGenerator(seed);
  const actor = sizes.slice(1).map((outputs, i): LinearLayer => {
    const inputs = sizes[i];
    const limit = 1 / Math.sqrt(inputs);
    const draw = (length: number) => Float32Array.from({ length }, () => random.uniform(-limit, limit));
    return { inputs, outputs, weight: draw(inputs * outputs), bias: draw(outputs) };
  });
  const observationSize = sizes[0];
  const actionSize = sizes.at(-1) as number;
  return {
    envId: 'Oracle-v0',
    actor,
    actionLow: Float32Array.from({ length: actionSize }, (_, i) => -1 - i / 3),
    actionHigh: Float32Array.from({ length: actionSize }, (_, i) => 2 + i / 7),
    observationLow: new Float32Array(observationSize).fill(-8),
    observationHigh: new Float32Array(observationSize).fill(Number.POSITIVE_INFINITY),
    envSteps: 1000,
    configHash: 'ab'.repeat(32),
  };
}

async function check(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, `${name}.onnx`);
  writeFileSync(path, bytes);
  return runPython(script, path);
}

it.each([
  ['pendulum', [3, 256, 256, 1] as const],
  ['half-cheetah', [17, 256, 256, 6] as const],
  ['one-layer', [5, 2] as const],
])('%s', async (name, sizes) => {
  const { bytes } = await exportPolicy(randomSnapshot([...sizes] as [number, ...number[]], 1));
  const report = await check(name, bytes);
  expect(report).toContain('checker ok');
  expect(report).toContain('one by one: ');
  expect(report).toContain('bounds hold on all 1000');
});

it('normalised observations', async () => {
  const plain = randomSnapshot([4, 64, 64, 2], 2);
  const observationNormalizer = {
    mean: Float32Array.of(0.5, -1, 3, 0),
    scale: Float32Array.of(1, 0.25, 10, 2),
    clip: 5,
  };
  const { bytes } = await exportPolicy({ ...plain, observationNormalizer });
  expect(await check('normalised', bytes)).toContain('checker ok');
});

it('refuses a file whose weights were changed', async () => {
  const { bytes } = await exportPolicy(randomSnapshot([3, 8, 1], 3));
  const changed = bytes.slice();
  const weight = Buffer.from(randomSnapshot([3, 8, 1], 3).actor[0]?.weight.buffer ?? new ArrayBuffer(0));
  const at = Buffer.from(changed).indexOf(weight);
  expect(at).toBeGreaterThan(0);
  changed[at] = changed[at] ^ 1;
  await expect(check('changed', changed)).rejects.toThrow(/weights hash to/);
});
