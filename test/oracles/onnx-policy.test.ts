/** Policy files under the official ONNX checker, Python's ONNX Runtime and a float64 forward in NumPy. */
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportPolicy, flattenObservation, writePolicyFile } from '@gymwire/exporter';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../scripts/tools.mjs';
import { trainedSnapshot } from '../golden/onnx-policy-case.ts';
import { codeBlocks } from '../support/markdown.ts';
import { oraclePython, runPython } from './harness/python.ts';

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

it('flattens in Python as the exporter’s README has it, to the same bits', async () => {
  const path = join(folder, 'policy.onnx');
  const { bytes, metadata } = await exportPolicy(trainedSnapshot('td3_small'));
  await writePolicyFile(path, bytes);
  const readme = readFileSync(join('packages', 'exporter', 'README.md'), 'utf8');
  const [snippet] = codeBlocks(readme).filter(({ code }) => code.includes('def flatten('));
  const { layout } = metadata.observation;
  if (snippet === undefined || layout === undefined) throw new Error('expected a snippet and a layout');
  const rest = Array.from(
    { length: metadata.observation.low.length - 1 },
    (_, i) => Math.sin(i + 0.1) * 10 ** i,
  );
  const program = `${snippet.code}
print(flatten(layout, {"on": (True,), "rest": np.array(${JSON.stringify(rest)})}).view(np.uint32).tolist())`;
  writeFileSync(join(folder, 'flatten.py'), program);
  const { code, stdout, stderr } = await run(oraclePython(), ['flatten.py'], { cwd: folder, capture: true });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const expected = flattenObservation(layout, { on: [true], rest });
  expect(JSON.parse(stdout)).toEqual(Array.from(new Uint32Array(expected.buffer)));
});
