/** Gymnasium's MuJoCo tasks on MuJoCo's WebAssembly against Gymnasium on native MuJoCo. Data: mujoco/make_trajectories.py. */
import { createEnvRegistry, SessionStore } from '@gymwire/env-server';
import { mujocoEnvs } from '@gymwire/simulators';
import { type BoxSpace, type Tensor, Tuple, type Value } from '@gymwire/protocol';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { keywords, mujocoTasks, readGolden, replay } from './mujoco-case.ts';

const goldens = mujocoTasks.map((task) => readGolden(new URL(`./mujoco/${task}.json`, import.meta.url)));

it('serves all of them', () => {
  expect(mujocoEnvs.map(({ id }) => id).sort()).toEqual(goldens.map(({ envId }) => envId).sort());
});

describe.each(goldens)('$envId', (golden) => {
  const { envId } = golden;

  it.each(golden.sessions.map((recording, index) => ({ index, recording })))(
    'session $index: resets, observations, rewards, flags and infos are those of Gymnasium',
    async ({ recording }) => {
      const { early, late, lostSteps, faults } = await replay(envId, recording);
      expect(faults).toEqual([]);
      expect(early.largest).toBeLessThan(1e-6);
      expect(late.largest).toBeLessThan(1e-5);
      expect(lostSteps).toBe(0);
      expect(early.steps + late.steps).toBe(recording.episodes.reduce((sum, { steps }) => sum + steps, 0));
    },
  );

  it('is registered as in Gymnasium', () => {
    const registration = createEnvRegistry(mujocoEnvs).find(envId);
    expect(registration).toMatchObject({
      maxEpisodeSteps: golden.maxEpisodeSteps,
      renderFps: golden.renderFps,
    });
    expect(registration.rewardThreshold ?? null).toBe(golden.rewardThreshold);
    const defaults = registration.arguments?.map(({ name, defaultValue }) => [name, asNumbers(defaultValue)]);
    const expected = Object.entries(keywords(golden.arguments)).map(([name, value]) => [
      name,
      asNumbers(value),
    ]);
    expect(Object.fromEntries(defaults ?? [])).toEqual(Object.fromEntries(expected));
  });

  it('has the spaces of Gymnasium', async () => {
    const limits = { maxSessions: 1, maxNumEnvs: 1, maxTotalEnvs: 1, idleTimeoutMs: 600_000 };
    const store = new SessionStore(createEnvRegistry(mujocoEnvs), limits, pino({ level: 'silent' }));
    const { description } = await store.make({ envId });
    await store.close(description.sessionId);
    const { low, high } = description.observationSpace as BoxSpace;
    expect([low.dtype, low.shape]).toEqual([golden.observationDtype, golden.observationShape]);
    expect(golden.observationBounds).toEqual(['-inf', 'inf']);
    expect([Math.max(...numbers(low)), Math.min(...numbers(high))]).toEqual([-Infinity, Infinity]);
    const action = description.actionSpace as BoxSpace;
    expect(action.low.data).toEqual(Float32Array.from(golden.actionLow));
    expect(action.high.data).toEqual(Float32Array.from(golden.actionHigh));
  });
});

const numbers = (tensor: Tensor) => Array.from(tensor.data, Number);

/** An int and the float of the same value are the same argument. */
function asNumbers(value: Value): unknown {
  if (value instanceof Tuple) return value.items.map(asNumbers);
  return typeof value === 'bigint' ? Number(value) : value;
}
