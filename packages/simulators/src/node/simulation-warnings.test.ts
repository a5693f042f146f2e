import { readFileSync } from 'node:fs';
import { createRandomGenerator, type Env } from '@gymwire/env';
import { type HeardNotice, hearNotices, resolveArguments } from '@gymwire/env/host';
import { float32 } from '@gymwire/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createGymnasiumSimulation } from '../mujoco/gymnasium/gymnasium-envs.ts';
import { gymnasiumTasks } from '../mujoco/gymnasium/gymnasium-tasks.ts';
import { createMujocoEnv, createSimulation, nodeEngine } from './node-engine.ts';

const arm = (gear: string, option = '') => `<mujoco>
  <option timestep="0.05">${option}</option>
  <worldbody><body pos="0 0 1"><joint name="j" axis="0 1 0"/><geom size=".1"/></body></worldbody>
  <actuator><motor joint="j" gear="${gear}"/></actuator>
</mujoco>`;

function open(name: string, gear: string, frameSkip: number): Promise<Env> {
  return createMujocoEnv({
    name,
    xml: arm(gear),
    frameSkip,
    observation: ({ arrays }) => arrays.qpos,
    reward: () => 0,
  });
}

const reset = async (env: Env) => env.reset({ random: createRandomGenerator(1) });

function heardNotices(): HeardNotice[] {
  const heard: HeardNotice[] = [];
  const stop = hearNotices((notice) => heard.push(notice));
  onTestFinished(stop);
  return heard;
}

describe('a model that explodes', () => {
  it('says in infos how often MuJoCo has put it back since the reset, and nothing where it did not', async () => {
    const env = await open('counted.xml', '1e12', 3);
    expect((await reset(env)).info).toEqual({});
    expect((await env.step(float32([0]))).info).toEqual({});
    expect((await env.step(float32([1]))).info).toEqual({ mujoco_warnings: { bad_qacc: 1n } });
    expect((await env.step(float32([1]))).info).toEqual({ mujoco_warnings: { bad_qacc: 2n } });
    expect((await env.step(float32([0]))).info).toEqual({ mujoco_warnings: { bad_qacc: 2n } });
    expect((await reset(env)).info).toEqual({});
    await env.close?.();
  });

  it('is told to the operator once, however many simulations and steps it happens in', async () => {
    const heard = heardNotices();
    for (let i = 0; i < 2; i++) {
      const env = await open('told.xml', '1e12', 1);
      await reset(env);
      for (let step = 0; step < 3; step++) await env.step(float32([1]));
      await env.close?.();
    }
    await expect.poll(() => heard).toHaveLength(1);
    expect(heard[0]).toEqual({
      fields: { model: 'told.xml', warning: 'bad_qacc' },
      message: expect.stringMatching(
        /^told\.xml: MuJoCo warns: Nan, Inf or huge value in QACC at DOF 0\. .* back to its initial state, .*infos count it$/,
      ),
    });
  });

  it.each(gymnasiumTasks.map((task) => [task.id, task] as const))(
    'is counted in %s, too',
    async (_, task) => {
      const xml = readFileSync(new URL(`../../assets/gymnasium/${task.modelFile}`, import.meta.url), 'utf8');
      const args = resolveArguments(task.id, task.arguments, {});
      const { env, simulation } = await createGymnasiumSimulation(
        nodeEngine,
        task,
        { xml, name: task.id },
        args,
      );
      await reset(env);
      const action = new Float32Array(env.actionSpace.low.data.length);
      expect(env.step(float32(action)).info).not.toHaveProperty('mujoco_warnings');
      simulation.arrays.qvel[0] = 1e12;
      expect(env.step(float32(action)).info).toMatchObject({ mujoco_warnings: { bad_qvel: 1n } });
      env.close();
    },
  );
});

it('goes on counting when memory has grown', async () => {
  const simulation = await createSimulation({ xml: arm('1e12'), name: 'grown.xml' }, 1);
  const others = [];
  const { qpos } = simulation.arrays;
  while (qpos.length > 0) {
    others.push(await createSimulation({ xml: arm('1'), arenaBytes: 2 ** 24, name: 'grown.xml' }, 1));
  }
  simulation.advance([1]);
  expect(simulation.warnings).toEqual({ bad_qacc: 1n });
  for (const each of [simulation, ...others]) each.close();
});
