import { createRandomGenerator, type Env } from '@gymwire/env';
import { type BoxSpace, float32, type Tensor } from '@gymwire/protocol';
import type { MainModule, MjData, MjModel } from '@mujoco/mujoco';
import { describe, expect, it } from 'vitest';
import type { MujocoTask } from '../mujoco/make-task-env.ts';
import { createMujocoEnv, createSimulation } from './node-engine.ts';

const xml = `<mujoco model="pole">
  <option timestep="0.01"/>
  <worldbody>
    <body name="pole">
      <joint name="hinge" type="hinge" axis="0 1 0" damping="0.1"/>
      <geom type="capsule" fromto="0 0 0 0 0 0.5" size="0.02"/>
      <site name="tip" pos="0 0 0.5"/>
    </body>
  </worldbody>
  <actuator>
    <motor joint="hinge" ctrlrange="-2 3"/>
    <motor joint="hinge" gear="0.1"/>
  </actuator>
</mujoco>`;

const pole: MujocoTask = {
  xml,
  frameSkip: 2,
  reset: ({ arrays }, { random }) => {
    arrays.qpos[0] = random.uniform(-0.1, 0.1);
  },
  observation: ({ arrays }) => [arrays.qpos[0], arrays.qvel[0]],
  reward: (simulation, action) => simulation.sitePosition('tip')[2] - 0.01 * action[0] ** 2,
  terminated: ({ arrays }) => Math.abs(arrays.qpos[0]) > 1,
  info: ({ arrays }) => ({ angle: arrays.qpos[0] }),
};

const reset = async (env: Env, seed = 1) => env.reset({ random: createRandomGenerator(seed) });
const data = (value: unknown) => (value as Tensor<'float64'>).data;

describe('createMujocoEnv', () => {
  it('takes its spaces from the model and the observation', async () => {
    const env = await createMujocoEnv(pole);
    const { low, high } = env.observationSpace as BoxSpace;
    expect(low).toEqual({ dtype: 'float64', shape: [2], data: new Float64Array(2).fill(-Infinity) });
    expect(high.data).toEqual(new Float64Array(2).fill(Infinity));
    const action = env.actionSpace as BoxSpace;
    expect(action.low.data).toEqual(Float32Array.of(-2, -Infinity));
    expect(action.high.data).toEqual(Float32Array.of(3, Infinity));
    await env.close?.();
  });

  it('resets, steps frameSkip physics steps at a time, rewards and ends as told', async () => {
    const env = await createMujocoEnv(pole);
    const start = await reset(env);
    const angle = createRandomGenerator(1).uniform(-0.1, 0.1);
    expect(data(start.observation)).toEqual(Float64Array.of(angle, 0));
    expect(start.info).toEqual({ angle });

    const action = float32([3, 0]);
    const first = await env.step(action);
    const [position, speed] = data(first.observation);
    // Two steps of semi-implicit Euler: x2 = x0 + h (v1 + v2).
    expect(position).toBeGreaterThan(angle);
    expect(position - angle).toBeLessThan(2 * 0.01 * speed);
    expect(first.reward).toBeCloseTo(0.5 * Math.cos(position) - 0.09, 12);
    expect(first).toMatchObject({ terminated: false, truncated: false, info: { angle: position } });

    let step = first;
    for (let i = 0; i < 200 && !step.terminated; i++) step = await env.step(action);
    expect(Math.abs(data(step.observation)[0])).toBeGreaterThan(1);
    await env.close?.();
  });

  it('gives the same episode for the same seed, and observations that are not written again', async () => {
    const [one, other] = [await createMujocoEnv(pole), await createMujocoEnv(pole)];
    const play = async (env: Env) => {
      const observations = [(await reset(env, 7)).observation];
      for (let i = 0; i < 20; i++) observations.push((await env.step(float32([Math.sin(i), 0]))).observation);
      return observations.map((observation) => [...data(observation)]);
    };
    await reset(other, 3);
    const played = await play(one);
    expect(await play(other)).toEqual(played);
    const { observation } = await reset(one, 7);
    await one.step(float32([1, 0]));
    expect([...data(observation)]).toEqual(played[0]);
    await Promise.all([one.close?.(), other.close?.()]);
  });

  it.each([
    [
      'a wrong element',
      xml.replace('<site', '\n<sight'),
      /^arm\.xml: MuJoCo cannot load this model: XML Error: .*Element 'sight', line 8$/,
    ],
    ['a wrong value', xml.replace('capsule', 'blob'), /invalid keyword: 'blob', Element 'geom', line 6$/],
    ['no XML', 'hello', /line number=1|Line number=1/],
    ['a file that is not there', '<mujoco><include file="x.xml"/></mujoco>', /Error opening file 'x\.xml'/],
  ])('says what is wrong with %s, and where', async (_, wrong, message) => {
    await expect(createMujocoEnv({ ...pole, xml: wrong, name: 'arm.xml' })).rejects.toMatchObject({
      code: 'ENV_FAILED',
      message: expect.stringMatching(message),
    });
  });

  it.each([
    ['a model without actuators', { xml: xml.replace(/<actuator>[\s\S]*<\/actuator>/, '') }, /no actuators/],
    ['a broken frameSkip', { frameSkip: 0.5 }, /frameSkip: expected an integer of 1 or more, got 0.5/],
    ['an unknown site', { observation: (s) => s.sitePosition('top') }, /no site named top/],
  ] satisfies Array<[string, Partial<MujocoTask>, RegExp]>)('refuses %s', async (_, part, message) => {
    await expect(createMujocoEnv({ ...pole, ...part })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(message),
    });
  });

  it('works no more after close, and closes twice', async () => {
    const env = await createMujocoEnv(pole);
    await env.close?.();
    await env.close?.();
    await expect(async () => reset(env)).rejects.toMatchObject({ code: 'ENV_FAILED' });
  });
});

describe('the simulation', () => {
  it("hands out MuJoCo's own objects until it is closed", async () => {
    const simulation = await createSimulation({ xml }, 1);
    simulation.arrays.qpos[0] = 0.5;
    const { module, model, data } = simulation.raw as { module: MainModule; model: MjModel; data: MjData };
    module.mj_forward(model, data);
    expect(simulation.sitePosition('tip')[2]).toBeCloseTo(0.5 * Math.cos(0.5), 12);
    simulation.close();
    expect(() => simulation.raw).toThrow(expect.objectContaining({ code: 'ENV_FAILED' }));
  });

  it('survives the growth of the memory that its arrays lie in', async () => {
    const first = await createSimulation({ xml }, 1);
    first.arrays.qpos[0] = 0.25;
    const before = first.arrays.qpos;
    const others = [];
    while (before.length > 0) others.push(await createSimulation({ xml, arenaBytes: 2 ** 24 }, 1));
    expect(first.arrays.qpos[0]).toBe(0.25);
    first.advance([0, 0]);
    expect(first.arrays.qvel[0]).toBeGreaterThan(0);
    for (const simulation of [first, ...others]) simulation.close();
  });

  it.each([
    { pattern: 'one after another', atOnce: 1 },
    { pattern: 'eight at once', atOnce: 8 },
  ])('gives back all its memory: created and closed $pattern', async ({ atOnce }) => {
    const cycles = Number(process.env['GYMWIRE_MUJOCO_CYCLES'] ?? 300);
    const textured = xml.replace(
      '<worldbody>',
      '<asset><texture name="t" type="2d" builtin="flat" width="300" height="300"/></asset><worldbody>',
    );
    let settled = 0;
    let largest = 0;
    for (let cycle = 0; cycle < cycles; cycle++) {
      const source = { xml: textured };
      const simulations = [];
      for (let i = 0; i < atOnce; i++) simulations.push(await createSimulation(source, 1));
      simulations[0]?.advance([1, 0]);
      largest = simulations[0]?.arrays.qpos.buffer.byteLength ?? 0;
      if (cycle === 20) settled = largest;
      for (const simulation of simulations) simulation.close();
    }
    expect(settled).toBeGreaterThan(0);
    expect(largest).toBe(settled);
  });
});
