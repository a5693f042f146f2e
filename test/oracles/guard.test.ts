/** Observations that are not finite, in others' runtimes: ONNX Runtime at each level, ONNX's reference, OpenVINO. */
import { join } from 'node:path';
import { exportPolicy, writePolicyFile } from '@gymwire/exporter';
import { describe, expect, it } from 'vitest';
import { trainedSnapshot } from '../golden/onnx-policy-case.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runPython } from './harness/python.ts';

describe.each(['td3_small', 'td3_wide'])('the actor of %s', (name) => {
  it.each([true, false])(
    'answers NaN to NaN and infinities everywhere (normaliser: %s)',
    async (normalized) => {
      const { observationNormalizer, ...plain } = trainedSnapshot(name);
      const snapshot = normalized && observationNormalizer ? { ...plain, observationNormalizer } : plain;
      const path = join(temporaryFolder(), 'policy.onnx');
      await writePolicyFile(path, (await exportPolicy(snapshot)).bytes);
      const report = await runPython(join('test', 'oracles', 'python', 'check_guard.py'), path);
      expect([...report.matchAll(/^ok (\S+)/gm)].map(([, runtime]) => runtime)).toEqual([
        'onnxruntime',
        'onnxruntime',
        'onnxruntime',
        'onnxruntime',
        'onnx.reference',
        'openvino',
        'openvino',
        'openvino',
      ]);
      // The oracle would tell: without the guard, OpenVINO answers all of them.
      expect(report).toMatch(/openvino .* without the guard, [1-9]\d* would be answered/);
    },
  );
});
