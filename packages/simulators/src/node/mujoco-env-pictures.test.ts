import { createRandomGenerator, type Env, type EnvRegistration } from '@gymwire/env';
import { resolveArguments } from '@gymwire/env/host';
import { type BoxSpace, type Frame, float32, type Tensor } from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';
import { createMujocoEnv, type MujocoTask, mujocoEnvs } from '../index.ts';

async function make({ id, arguments: specs = [], make: makeEnv }: EnvRegistration): Promise<Env> {
  return makeEnv(resolveArguments(id, specs, {}));
}

function draw(env: Env): Frame | Promise<Frame> {
  if (env.render === undefined) throw new Error('it does not render');
  return env.render();
}

const reset = (env: Env) => env.reset({ random: createRandomGenerator(7) });

/** Bytes of observations along an episode, drawn now and then or not. */
async function play(registration: EnvRegistration, isDrawn: boolean): Promise<Buffer> {
  const env = await make(registration);
  const { low } = env.actionSpace as BoxSpace;
  const observations = [(await reset(env)).observation];
  for (let i = 0; i < 12; i++) {
    const action = float32(Array.from({ length: low.data.length }, (_, k) => 0.4 * Math.sin(i + k)));
    observations.push((await env.step(action)).observation);
    if (isDrawn && i % 4 === 0) await draw(env);
  }
  await env.close?.();
  return Buffer.concat(
    observations.map((value) => {
      const { data } = value as Tensor<'float64'>;
      return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    }),
  );
}

describe.each(mujocoEnvs.map((registration) => [registration.id, registration] as const))(
  '%s',
  (_, registration) => {
    it('says that it draws, and draws its robot, which moves', async () => {
      expect(registration.renderModes).toEqual(['rgb_array']);
      const env = await make(registration);
      await reset(env);
      const first = await draw(env);
      expect([first.width, first.height, first.data.length]).toEqual([480, 480, 3 * 480 * 480]);
      const { high } = env.actionSpace as BoxSpace;
      for (let i = 0; i < 8; i++) await env.step(float32([...high.data].map((bound) => Number(bound))));
      const second = await draw(env);
      const moved = first.data.filter((value, i) => Math.abs(value - second.data[i]) > 40).length;
      expect(moved).toBeGreaterThan(300);
      await env.close?.();
    });
  },
);

describe('drawing', () => {
  it('leaves the episode as it would be', async () => {
    const registration = mujocoEnvs.find(({ id }) => id === 'Humanoid-v5');
    if (registration === undefined) throw new Error('no Humanoid-v5');
    expect(await play(registration, true)).toEqual(await play(registration, false));
  });

  it('works for a task of one’s own, from where it says, and not after it is closed', async () => {
    const task: MujocoTask = {
      xml: `<mujoco><worldbody><body><joint name="j" type="slide" axis="1 0 0"/>
        <geom type="sphere" size=".1" rgba="1 0 0 1"/></body></worldbody>
        <actuator><motor joint="j"/></actuator></mujoco>`,
      observation: ({ arrays }) => arrays.qpos,
      reward: () => 0,
      camera: { distance: 1, elevation: 0, lookAt: [0, 0, 0] },
    };
    const env = await createMujocoEnv(task);
    await reset(env);
    const { data } = await draw(env);
    const red = data.filter((value, i) => i % 3 === 0 && value > 20).length;
    // Half its angle is asin(0.1): a radius of 240 · 0.1005 / tan 22.5° = 58.2 pixels.
    expect(red / (Math.PI * 58.2 ** 2)).toBeCloseTo(1, 1);
    await env.close?.();
    await expect(async () => draw(env)).rejects.toMatchObject({ code: 'ENV_FAILED' });
  });
});
