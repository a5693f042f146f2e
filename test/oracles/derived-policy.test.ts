/** What others' tools make of a policy file: verification says of which policy, what differs and how far. */
import { join } from 'node:path';
import { type DerivedPolicy, exportPolicy, verifyPolicy, writePolicyFile } from '@gymwire/exporter';
import { expect, it } from 'vitest';
import { trainedSnapshot } from '../golden/onnx-policy-case.ts';
import { runCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runPython } from './harness/python.ts';

/** What is to be seen of each in `changes`, and the range in which its largest error is. */
const kinds: Readonly<Record<string, readonly [change: RegExp, least: number, most: number]>> = {
  onnxslim: [/graph\.value_info added/, 0, 1e-5],
  shapes: [/graph\.value_info added/, 0, 1e-5],
  opset21: [/operator set 21 instead of 17/, 0, 1e-5],
  onnxruntime: [/com\.microsoft\.FusedGemm/, 0, 1e-5],
  'float16-inside': [/operators Cast/, 1e-5, 0.1],
  int8: [/MatMulInteger/, 1e-4, 1],
  'int8-static': [/QuantizeLinear/, 1e-2, 1],
};

it.each([true, false])('derived files are told from damaged ones (normaliser: %s)', async (normalized) => {
  const { observationNormalizer, ...plain } = trainedSnapshot('td3_wide');
  const snapshot = normalized && observationNormalizer ? { ...plain, observationNormalizer } : plain;
  const folder = temporaryFolder();
  const policy = join(folder, 'policy.onnx');
  const { bytes, metadata } = await exportPolicy(snapshot);
  await writePolicyFile(policy, bytes);
  await runPython(join('test', 'oracles', 'python', 'derive_policy.py'), policy, folder);

  expect(await verifyPolicy(join(folder, 'resaved.onnx'))).toMatchObject({ ok: true });
  const verify = async (name: string): Promise<DerivedPolicy> => {
    const report = await verifyPolicy(join(folder, `${name}.onnx`));
    if (report.ok || report.derived === undefined) throw new Error(`${name}: ${JSON.stringify(report)}`);
    expect(report).toMatchObject({ code: 'DERIVED_MODEL', derived: { origin: metadata } });
    expect(report.message).toContain(`${name}.onnx: derives from the policy Golden-v1, step 12345 (weights `);
    process.stdout.write(`${report.message.replace(/^.*is not that policy: /, `${name}: `).slice(0, 200)}\n`);
    return report.derived;
  };
  for (const [name, [change, least, most]] of Object.entries(kinds)) {
    const { changes, golden, isGuarded } = await verify(name);
    expect([name, changes.join('; ')]).toEqual([name, expect.stringMatching(change)]);
    const worst = golden.differing.map(({ error }) => error);
    expect([name, Math.max(golden.maxError, ...worst)]).toEqual([name, golden.maxError]);
    expect(golden.maxError).toBeGreaterThanOrEqual(least);
    expect(golden.maxError).toBeLessThanOrEqual(most);
    expect(golden.differing.length > 0).toBe(golden.maxError > 1e-5);
    // Integers hold no NaN.
    expect([name, isGuarded]).toEqual([name, name !== 'int8-static']);
  }
  // Observations of 1e6 are infinite there.
  const { changes, golden } = await verify('float16');
  expect(changes).toEqual(expect.arrayContaining(['observation of float16', 'action of float16']));
  expect(golden.maxError).toBeNaN();

  const { code, stdout, stderr } = await runCli(['--json', 'verify', 'int8.onnx'], folder);
  expect(code).toBe(5);
  expect(stderr).toMatch(/^error DERIVED_MODEL: int8\.onnx: derives from the policy Golden-v1/);
  expect(JSON.parse(stdout.split('\n')[0] ?? '')).toMatchObject({
    type: 'derived',
    origin: { envId: 'Golden-v1', weightsSha256: metadata.weightsSha256 },
    golden: { count: 32 },
  });
});
