import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandomGenerator } from '@gymwire/env';
import { resolveArguments } from '@gymwire/env/host';
import { type BoxSpace, float32, type Tensor } from '@gymwire/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { modelEnvFromFile } from './model-env-from-file.ts';

const pole = `<mujoco>
  <option timestep="0.01"/>
  <worldbody>
    <body>
      <freejoint/>
      <geom size="0.1"/>
      <body><joint name="hinge" axis="0 1 0"/><geom size="0.05" pos="0.3 0 0"/></body>
    </body>
  </worldbody>
  <actuator><motor joint="hinge" ctrlrange="-2 3"/></actuator>
</mujoco>`;

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gymwire-model-'));
  path = join(folder, 'pole.xml');
  writeFileSync(path, pole);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('modelEnvFromFile', () => {
  it('offers positions and velocities, controls, no reward and no end', async () => {
    const registration = await modelEnvFromFile({ id: 'Pole-v0', path });
    expect(registration).toMatchObject({
      id: 'Pole-v0',
      description: expect.stringContaining('a step is 5 physics steps, or frame_skip'),
      maxEpisodeSteps: 1000,
      renderFps: 20,
    });
    const env = await registration.make(resolveArguments('Pole-v0', registration.arguments ?? [], {}));
    // A free joint has 7 positions and 6 velocities, a hinge 1 and 1.
    expect((env.observationSpace as BoxSpace).low.shape).toEqual([15]);
    const { low, high } = env.actionSpace as BoxSpace;
    expect([low.data, high.data]).toEqual([Float32Array.of(-2), Float32Array.of(3)]);
    await env.reset({ random: createRandomGenerator(1) });
    const { observation, ...rest } = await env.step(float32([0]));
    expect(rest).toEqual({ reward: 0, terminated: false, truncated: false, info: {} });
    // It falls for 5 physics steps of 0.01 s: v = -g t.
    expect((observation as Tensor<'float64'>).data[10]).toBeCloseTo(-9.81 * 0.05, 10);
    const pushed = (await env.step(float32([3]))).observation as Tensor<'float64'>;
    expect(pushed.data[14]).toBeGreaterThan(0);
    await env.close?.();
  });

  it('lets clients choose how many physics steps a step has', async () => {
    const { arguments: specs = [], make } = await modelEnvFromFile({ id: 'Pole-v0', path });
    const speedAfter = async (frameSkip: bigint) => {
      const env = await make(resolveArguments('Pole-v0', specs, { frame_skip: frameSkip }));
      await env.reset({ random: createRandomGenerator(1) });
      const { observation } = await env.step(float32([0]));
      await env.close?.();
      return (observation as Tensor<'float64'>).data[10];
    };
    expect((await speedAfter(10n)) / (await speedAfter(1n))).toBeCloseTo(10, 1);
  });

  it.each([
    ['a missing file', undefined, 'INVALID_ARGUMENT', /cannot read the model file .*pole\.xml/],
    ['a wrong element', pole.replace('geom', 'gem'), 'ENV_FAILED', /pole\.xml: .*'gem', line 6/],
    ['no actuators', pole.replace(/<actuator>.*/, ''), 'INVALID_ARGUMENT', /pole\.xml: .*no actuators/],
  ] as const)('refuses %s at once', async (_, xml, code, message) => {
    if (xml === undefined) rmSync(path);
    else writeFileSync(path, xml);
    await expect(modelEnvFromFile({ id: 'Pole-v0', path })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});
