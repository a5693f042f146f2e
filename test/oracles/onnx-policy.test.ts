/** Policy files under the official ONNX checker, Python's ONNX Runtime and a float64 forward in NumPy. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportPolicy, writePolicyFile } from '@gymwire/exporter';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trainedSnapshot } from '../golden/onnx-policy-case.ts';
import { runPython } from './harness/python.ts';

const script = join('test', 'oracles', 'python', 'check_policy.py');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gymwire-policy-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(['td3_small', 'td3_wide'])('the actor of %s', (name) => {
  it.each([true, false])('is right for Python too (normaliser: %s)', async (normalized) => {
    const { observationNormalizer, ...plain } = trainedSnapshot(name);
    const snapshot = normalized && observationNormalizer ? { ...plain, observationNormalizer } : plain;
    const path = join(folder, `${name}-${normalized}.onnx`);
    await writePolicyFile(path, (await exportPolicy(snapshot)).bytes);
    const report = await runPython(script, path);
    expect(report).toMatch(/checker ok/);
    expect(report).toMatch(/golden pairs: 32,/);
    expect(report).toMatch(/bounds hold on all 1000/);
  });
});

it('is told from a damaged one', async () => {
  const path = join(folder, 'damaged.onnx');
  const bytes = await readFile(new URL('../golden/onnx-policy-v1.onnx', import.meta.url));
  const at = bytes.lastIndexOf('actor.1.weight') + 40;
  bytes[at] ^= 0x40;
  await writeFile(path, bytes);
  await expect(runPython(script, path)).rejects.toThrow(/exited with 1[\s\S]*weights hash to/);
});
