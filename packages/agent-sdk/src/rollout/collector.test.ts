import type { AutoresetMode } from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';
import { ActionScaler } from '../policy/action-scaler.ts';
import type { Actor } from '../policy/actor.ts';
import { createRandomStream } from '../random/random-stream.ts';
import { CountingEnv } from '../testing/fake-envs.ts';
import { type FakeEnv, FakeVectorEnv } from '../testing/fake-vector-env.ts';
import { Collector, type TrainingEpisode } from './collector.ts';
import { createExplorationNoise } from './exploration-noise.ts';

const modes: readonly AutoresetMode[] = ['disabled', 'next-step', 'same-step'];

interface Stored {
  readonly observation: number[];
  readonly action: number[];
  readonly reward: number;
  readonly nextObservation: number[];
  readonly terminated: boolean;
}

/** Plays a fixed function of the observation. */
const scriptedActor: Actor = {
  act(observations, out) {
    for (let i = 0; i < out.length; i++) out[i] = observations[3 * i + 2] / 4;
  },
  reset() {},
};

function createCollector(env: FakeVectorEnv, actor: Actor = scriptedActor, std = 0): Collector {
  const stream = createRandomStream(1, 'exploration');
  return new Collector({
    env,
    scaler: new ActionScaler([-2], [2]),
    actor,
    noise: createExplorationNoise('gaussian', std, env.numEnvs, 1, stream),
    warmUpStream: createRandomStream(1, 'warm-up'),
    seedsAfterLoss: () => [90, 91],
  });
}

function createCountingEnv(autoresetMode: AutoresetMode, numEnvs: number): FakeVectorEnv {
  const make = (i: number) => new CountingEnv(i);
  return new FakeVectorEnv({ make, observationSize: 3, actionLow: [-2], numEnvs, autoresetMode });
}

async function collect(mode: AutoresetMode, numEnvs: number, perEnv: number) {
  const env = createCountingEnv(mode, numEnvs);
  const collector = createCollector(env);
  await collector.reset([...Array(numEnvs).keys()]);
  const stored: Stored[][] = Array.from({ length: numEnvs }, () => []);
  const episodes: TrainingEpisode[][] = Array.from({ length: numEnvs }, () => []);
  while (stored.some((rows) => rows.length < perEnv)) {
    const step = await collector.step(false);
    for (const { envIndex, observation, action, reward, nextObservation, terminated } of step.transitions) {
      stored[envIndex]?.push({
        observation: [...observation],
        action: [...action],
        reward,
        nextObservation: [...nextObservation],
        terminated,
      });
    }
    for (const episode of step.episodes) episodes[episode.envIndex]?.push(episode);
  }
  return { env, transitions: stored.map((rows) => rows.slice(0, perEnv)), episodes };
}

/** What environment i's first transitions must be, worked out without any vector environment. */
function expectedTransitions(envIndex: number, count: number): Stored[] {
  const rows: Stored[] = [];
  for (let episode = 0; rows.length < count; episode++) {
    const variant = envIndex + episode;
    const length = 2 + (variant % 3);
    for (let step = 0; step < length; step++) {
      rows.push({
        observation: [envIndex, episode, step],
        action: [step / 4],
        reward: 100 * envIndex + 10 * episode + step + 1 + (2 * (step / 4)) / 8,
        nextObservation: [envIndex, episode, step + 1],
        terminated: step === length - 1 && variant % 3 !== 0,
      });
    }
  }
  return rows.slice(0, count);
}

describe('Collector, of a batch simulator that does not tell last observations', () => {
  const batch = { autoresetModes: ['same-step'], finalObservations: false, masks: false } as const;
  const createForgetfulEnv = (more: Partial<FakeVectorEnv['batch']> = {}) =>
    new FakeVectorEnv({
      make: (i) => new CountingEnv(i),
      observationSize: 3,
      actionLow: [-2],
      numEnvs: 3,
      autoresetMode: 'same-step',
      batch: { ...batch, ...more },
    });

  it('leaves out what was cut off, keeps what terminated, and never takes a reset for what a step led to', async () => {
    const collector = createCollector(createForgetfulEnv());
    await collector.reset([0, 1, 2]);
    const first = await collector.step(false);
    expect(first.transitions.map(({ isNextKnown }) => isNextKnown)).toEqual([true, true, true]);
    // Of environment 0 the first episode is cut off after 2 steps, of 1 it terminates after 3, of 2 both after 4.
    const second = await collector.step(false);
    expect(second.transitions.map(({ envIndex }) => envIndex)).toEqual([1, 2]);
    expect([second.dropped, second.episodes.length]).toEqual([1, 1]);
    const third = await collector.step(false);
    expect(third.dropped).toBe(0);
    const [ended] = third.transitions.filter(({ isNextKnown }) => !isNextKnown);
    expect({ ...ended, action: undefined, reward: undefined }).toMatchObject({
      envIndex: 1,
      terminated: true,
      observation: Float32Array.of(1, 0, 2),
      nextObservation: Float32Array.of(1, 0, 2),
    });
    const fourth = await collector.step(false);
    expect(fourth.transitions.find(({ envIndex }) => envIndex === 2)).toMatchObject({
      terminated: true,
      isNextKnown: false,
    });
    for (const { observation, nextObservation } of [first, second, third, fourth].flatMap(
      (step) => step.transitions,
    ))
      expect(nextObservation[1]).toBe(observation[1]);
  });

  it('goes on with the episode that has begun', async () => {
    const collector = createCollector(createForgetfulEnv());
    await collector.reset([0, 1, 2]);
    await collector.step(false);
    await collector.step(false);
    const { transitions } = await collector.step(false);
    expect(transitions[0]?.observation).toEqual(Float32Array.of(0, 1, 0));
  });

  it('gives no seeds to one that takes none', async () => {
    const env = createForgetfulEnv({ seeding: 'none' });
    await createCollector(env).reset([0, 1, 2]);
    expect(env.resets).toEqual([{}]);
  });
});

describe.each(modes)('Collector, %s', (mode) => {
  it.each([1, 3, 8])(
    'tells each transition of %i environments once and none across a reset',
    async (numEnvs) => {
      const { transitions } = await collect(mode, numEnvs, 25);
      expect(transitions).toEqual(transitions.map((_, i) => expectedTransitions(i, 25)));
    },
  );

  it('tells episode returns and lengths', async () => {
    const { episodes } = await collect(mode, 2, 10);
    expect(episodes[1]?.slice(0, 2)).toEqual([
      // Rewards 101, 102.0625, 103.125; then 111, 112.0625, 113.125, 114.1875.
      { envIndex: 1, return: 306.1875, length: 3, terminated: true },
      { envIndex: 1, return: 450.375, length: 4, terminated: true },
    ]);
    expect(episodes[0]?.[0]).toMatchObject({ length: 2, terminated: false });
  });

  it('stores nothing of a step with a value that cannot be learnt from, and says where', async () => {
    const broken = (at: 'observation' | 'reward'): FakeEnv => {
      const env = new CountingEnv(0);
      let steps = 0;
      return {
        reset: () => env.reset(),
        step(action) {
          const step = env.step(action);
          // The third step of the second episode, which comes after one of two steps.
          if (++steps < 5) return step;
          return at === 'reward'
            ? { ...step, reward: Number.NaN }
            : { ...step, observation: [0, 1e300, Number.NaN] };
        },
      };
    };
    for (const at of ['observation', 'reward'] as const) {
      const env = new FakeVectorEnv({
        make: (i) => (i === 1 ? broken(at) : new CountingEnv(0)),
        observationSize: 3,
        actionLow: [-2],
        numEnvs: 2,
        autoresetMode: mode,
      });
      const collector = createCollector(env);
      await collector.reset([0, 1]);
      let told = 0;
      const play = async () => {
        for (;;) told += (await collector.step(false)).transitions.length;
      };
      const where = at === 'reward' ? 'reward is NaN' : 'observation\\[1\\] is Infinity \\(as float32\\)';
      await expect(play()).rejects.toMatchObject({
        code: 'NON_FINITE_VALUE',
        message: expect.stringMatching(new RegExp(`^${where} in environment 1 at episode step 3`)),
      });
      expect(told).toBe(8);
    }
  });
});

describe('Collector', () => {
  it('resets by mask only what ended', async () => {
    const { env } = await collect('disabled', 2, 3);
    expect(env.resets).toEqual([{ seeds: [0, 1] }, { mask: [true, false] }, { mask: [false, true] }]);
  });

  it('draws warm-up actions uniformly over the action space, in [-1, 1] units', async () => {
    const collector = createCollector(createCountingEnv('same-step', 4));
    await collector.reset([0, 1, 2, 3]);
    const actions: number[] = [];
    for (let i = 0; i < 500; i++) {
      const step = await collector.step(true);
      actions.push(...step.transitions.map((transition) => transition.action[0]));
      expect(step.actorOutputs).toBe(0);
    }
    const mean = actions.reduce((sum, action) => sum + action, 0) / actions.length;
    const square = actions.reduce((sum, action) => sum + action ** 2, 0) / actions.length;
    expect(actions).toHaveLength(2000);
    // Uniform on [-1, 1]: mean 0 ± 0.013, mean square 1/3 ± 0.007.
    expect(Math.abs(mean)).toBeLessThan(0.05);
    expect(Math.abs(square - 1 / 3)).toBeLessThan(0.03);
  });

  it('adds noise of its own to each environment, clips after, and counts saturated outputs before', async () => {
    const actor: Actor = { act: (_observations, out) => void out.fill(0.9).fill(0.995, 7), reset() {} };
    const collector = createCollector(createCountingEnv('same-step', 8), actor, 0.5);
    await collector.reset([0, 1, 2, 3, 4, 5, 6, 7]);
    const { transitions, actorOutputs, saturatedOutputs } = await collector.step(false);
    const actions = transitions.map((transition) => transition.action[0]);
    expect(new Set(actions.filter((action) => action < 1)).size).toBeGreaterThan(2);
    expect(actions).toContain(1);
    expect(Math.max(...actions)).toBe(1);
    expect([actorOutputs, saturatedOutputs]).toEqual([8, 1]);
  });

  it('tells the noise and the actor when an environment starts an episode, and it alone', async () => {
    const started: number[] = [];
    const resets: (readonly number[])[] = [];
    const noise = { add: () => {}, startEpisode: (envIndex: number) => void started.push(envIndex) };
    const collector = new Collector({
      env: createCountingEnv('next-step', 2),
      scaler: new ActionScaler([-2], [2]),
      actor: { ...scriptedActor, reset: (rows) => void resets.push(rows) },
      noise,
      warmUpStream: createRandomStream(1, 'warm-up'),
      seedsAfterLoss: () => [90, 91],
    });
    await collector.reset([0, 1]);
    expect(started).toEqual([0, 1]);
    // First episodes of two and three steps, and one each for the resets.
    for (let i = 0; i < 4; i++) await collector.step(false);
    expect(started).toEqual([0, 1, 0, 1]);
    expect(resets).toEqual([[0, 1], [0], [1]]);
  });

  it('says when the actor no longer gives numbers', async () => {
    const actor: Actor = { act: (_observations, out) => void out.fill(Number.NaN), reset() {} };
    const collector = createCollector(createCountingEnv('disabled', 1), actor);
    await collector.reset([0]);
    await expect(collector.step(false)).rejects.toMatchObject({ code: 'TRAINING_DIVERGED' });
  });

  it('refuses a same-step environment that lost a final observation', async () => {
    const env = createCountingEnv('same-step', 1);
    const step = env.step.bind(env);
    env.step = async (actions) => {
      const { final: _lost, ...rest } = await step(actions);
      return rest;
    };
    const collector = createCollector(env);
    await collector.reset([0]);
    await collector.step(false);
    await expect(collector.step(false)).rejects.toThrow('its final observation is missing');
  });
});
