import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandomGenerator } from '@gymwire/env';
import { resolveArguments } from '@gymwire/env/host';
import { type BoxSpace, float32, Tuple } from '@gymwire/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mujocoEnvFromFile } from './mujoco-env-from-file.ts';

const tetrahedron = 'v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n';
const scene = `<mujoco>
  <!-- <include file="not-there.xml"/> -->
  <include file='robot/robot.xml'/>
  <worldbody><geom type="plane" size="5 5 1"/></worldbody>
</mujoco>`;
const robot = `<mujoco>
  <compiler meshdir="robot/meshes"/>
  <option timestep="0.005"/>
  <asset><mesh name="trunk" file="trunk.obj" scale="0.1 0.1 0.1"/></asset>
  <worldbody>
    <body name="trunk" pos="0 0 0.5">
      <freejoint/>
      <geom type="mesh" mesh="trunk"/>
      <body><joint name="leg" axis="0 1 0" range="-60 60"/><geom type="sphere" size="0.05" pos="0.2 0 0"/></body>
    </body>
  </worldbody>
  <actuator><motor joint="leg" ctrlrange="-1 1"/></actuator>
</mujoco>`;

let folder: string;
const path = () => join(folder, 'scene.xml');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gymwire-model-'));
  mkdirSync(join(folder, 'robot', 'meshes'), { recursive: true });
  writeFileSync(path(), scene);
  writeFileSync(join(folder, 'robot', 'robot.xml'), robot);
  writeFileSync(join(folder, 'robot', 'meshes', 'trunk.obj'), tetrahedron);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('mujocoEnvFromFile', () => {
  it("puts a task's rules on a model of one's own, with its includes and meshes", async () => {
    const registration = await mujocoEnvFromFile({
      id: 'Stump-v0',
      task: 'Ant-v5',
      path: path(),
      arguments: { healthy_z_range: new Tuple([0.1, 2]), frame_skip: 4n },
      maxEpisodeSteps: 70,
    });
    expect(registration).toMatchObject({ id: 'Stump-v0', maxEpisodeSteps: 70, renderFps: 50 });
    expect(registration.rewardThreshold).toBeUndefined();
    const args = resolveArguments('Stump-v0', registration.arguments ?? [], {});
    expect(args.floatList('healthy_z_range')).toEqual([0.1, 2]);

    const env = await registration.make(args);
    // 8 of 8 positions but two, 7 velocities, six forces on each of two bodies.
    expect((env.observationSpace as BoxSpace).low.shape).toEqual([6 + 7 + 12]);
    expect((env.actionSpace as BoxSpace).low.shape).toEqual([1]);
    await env.reset({ random: createRandomGenerator(1) });
    const { info, terminated } = await env.step(float32([0.5]));
    expect(Object.keys(info)).toContain('reward_contact');
    expect(terminated).toBe(false);
    await env.close?.();
  });

  const attempt = (options: Partial<Parameters<typeof mujocoEnvFromFile>[0]>) =>
    mujocoEnvFromFile({ id: 'Stump-v0', task: 'Ant-v5', path: path(), ...options });

  it.each([
    [
      'an unknown task',
      { task: 'Cow-v5' },
      'INVALID_ARGUMENT',
      /expected one of InvertedPendulum-v5, .*Cow-v5/,
    ],
    [
      'a missing file',
      { path: 'nowhere.xml' },
      'INVALID_ARGUMENT',
      /cannot read the model file nowhere\.xml/,
    ],
    ['an unknown argument', { arguments: { legs: 4n } }, 'UNKNOWN_ARGUMENT', /no argument legs/],
    ['a bad argument', { arguments: { frame_skip: 0n } }, 'INVALID_ARGUMENT', /frame_skip/],
    ['a body that is not there', { arguments: { main_body: 9n } }, 'INVALID_ARGUMENT', /from 0 to 2, got 9/],
    ['a task that needs other bodies', { task: 'Reacher-v5' }, 'INVALID_ARGUMENT', /no body named fingertip/],
  ] as const)('refuses %s at once', async (_, options, code, message) => {
    await expect(attempt(options)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it("gives MuJoCo's own words for a wrong model", async () => {
    rmSync(join(folder, 'robot', 'meshes', 'trunk.obj'));
    await expect(attempt({})).rejects.toMatchObject({
      code: 'ENV_FAILED',
      message: expect.stringMatching(/scene\.xml: MuJoCo cannot load this model: .*trunk\.obj/),
    });
  });
});
