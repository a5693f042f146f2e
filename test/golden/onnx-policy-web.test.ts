/** The same file in ONNX Runtime's WebAssembly build, which is what pages run. */
import { exportPolicy, OnnxPolicy } from '@gymwire/exporter';
import * as ort from 'onnxruntime-web';
import { describe, expect, it } from 'vitest';
import { trainedSnapshot } from './onnx-policy-case.ts';

describe.each(['td3_small', 'td3_wide'])('the actor of %s in WebAssembly', (name) => {
  it('acts as in Node, batches of any size', async () => {
    const { bytes } = await exportPolicy(trainedSnapshot(name));
    const policy = await OnnxPolicy.load(bytes);
    const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
    const width = policy.observationSize;
    for (const batch of [1, 7]) {
      const rows = Array.from({ length: batch }, (_, i) =>
        Float32Array.from({ length: width }, (_, k) => 3 * Math.sin(5 * i + k)),
      );
      const observation = new ort.Tensor(
        'float32',
        Float32Array.from(rows.flatMap((row) => [...row])),
        [batch, width],
      );
      const { action } = await session.run({ observation });
      const { actionLow, actionHigh } = trainedSnapshot(name);
      expect(action.dims).toEqual([batch, actionLow.length]);
      for (const [i, row] of rows.entries()) {
        for (const [k, expected] of (await policy.act(row)).entries()) {
          const actual = (action.data as Float32Array)[i * actionLow.length + k];
          expect(Math.abs(actual - expected)).toBeLessThan(1e-5 * (actionHigh[k] - actionLow[k]));
        }
      }
    }
    await session.release();
    await policy.dispose();
  });

  it('makes NaN of what is not finite, and of that only', async () => {
    const { bytes } = await exportPolicy(trainedSnapshot(name));
    const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
    const { actionLow, observationLow } = trainedSnapshot(name);
    const [width, actionSize] = [observationLow.length, actionLow.length];
    const faults = [NaN, Infinity, -Infinity].flatMap((value) =>
      Array.from({ length: width }, (_, place) => ({ value, place })),
    );
    // A sound observation behind each that is not.
    const rows = new Float32Array(2 * faults.length * width).fill(0.25);
    faults.forEach(({ value, place }, i) => {
      rows[2 * i * width + place] = value;
    });
    const run = async (data: Float32Array) => {
      const observation = new ort.Tensor('float32', data, [2 * faults.length, width]);
      return (await session.run({ observation })).action.data as Float32Array;
    };
    const sound = await run(new Float32Array(rows.length).fill(0.25));
    const isNaNRow = (i: number) => Math.floor(i / actionSize) % 2 === 0;
    expect(await run(rows)).toEqual(sound.map((action, i) => (isNaNRow(i) ? NaN : action)));
    await session.release();
  });
});
