/** Environments that only the bench serves. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Env, EnvRegistration, EnvResetOptions } from '@gymwire/env-server';
import { box, isTensor, type ResetResult, type StepResult, type Value } from '@gymwire/protocol';

export const halfCheetah = { observationSize: 17, actionSize: 6 } as const;

export const shapeEnvId = 'Bench/HalfCheetahShapes-v0';
/** Takes `sleep_ms` a step without using a core, like a simulator elsewhere. */
export const sleepEnvId = 'Bench/Sleep-v0';

/** Sizes as Ant's without its contact forces. */
export const deadSizes = { observationSize: 27, actionSize: 8 } as const;
/** All observations are zero from step `live_steps` on, counted over all episodes. */
export const deadEnvId = 'Bench/Dead-v0';

export const benchEnvs: readonly EnvRegistration[] = [
  { id: shapeEnvId, maxEpisodeSteps: 1000, make: () => new ShapeEnv() },
  {
    id: sleepEnvId,
    maxEpisodeSteps: 1000,
    arguments: [{ name: 'sleep_ms', type: 'float', defaultValue: 10, description: 'time of a step' }],
    make: (args) => createSleepingEnv(args.number('sleep_ms')),
  },
  {
    id: deadEnvId,
    maxEpisodeSteps: 1000,
    arguments: [
      { name: 'live_steps', type: 'float', defaultValue: 1000, description: 'steps with observations' },
    ],
    make: (args) => createDyingEnv(args.number('live_steps')),
  },
];

/** HalfCheetah's spaces and next to no dynamics; the same as ShapeEnv in bench_envs.py. Never terminates. */
class ShapeEnv implements Env {
  readonly observationSpace = box(
    new Float32Array(halfCheetah.observationSize).fill(-Infinity),
    new Float32Array(halfCheetah.observationSize).fill(Infinity),
  );
  readonly actionSpace = box(
    new Float32Array(halfCheetah.actionSize).fill(-1),
    new Float32Array(halfCheetah.actionSize).fill(1),
  );
  #observation = new Float32Array(halfCheetah.observationSize);

  reset({ random }: EnvResetOptions): ResetResult {
    this.#observation = this.#observation.map(() => random.uniform(-1, 1));
    return { observation: this.#tensor(), info: {} };
  }

  step(action: Value): StepResult {
    if (!isTensor(action)) throw new Error('expected a tensor');
    const torques = action.data as Float32Array;
    // Observation i leans towards the action's dimension i modulo its size.
    this.#observation = this.#observation.map((x, i) => 0.9 * x + 0.1 * torques[i % torques.length]);
    const reward = -torques.reduce((sum, torque) => sum + torque * torque, 0);
    return { observation: this.#tensor(), reward, terminated: false, truncated: false, info: {} };
  }

  #tensor(): Value {
    return { dtype: 'float32', shape: [this.#observation.length], data: this.#observation };
  }
}

function createSleepingEnv(sleepMs: number): Env {
  const env = new ShapeEnv();
  return {
    observationSpace: env.observationSpace,
    actionSpace: env.actionSpace,
    reset: (options) => env.reset(options),
    async step(action) {
      await sleep(sleepMs);
      return env.step(action);
    },
  };
}

function createDyingEnv(liveSteps: number): Env {
  const { observationSize, actionSize } = deadSizes;
  const ofAll = (size: number, value: number) => new Float32Array(size).fill(value);
  let steps = 0;
  const observe = (random: EnvResetOptions['random']): Value => {
    const data = ofAll(observationSize, 0);
    return {
      dtype: 'float32',
      shape: [observationSize],
      data: steps < liveSteps ? data.map(() => random.uniform(-1, 1)) : data,
    };
  };
  let stream: EnvResetOptions['random'];
  return {
    observationSpace: box(ofAll(observationSize, -1), ofAll(observationSize, 1)),
    actionSpace: box(ofAll(actionSize, -1), ofAll(actionSize, 1)),
    reset({ random }) {
      stream = random;
      return { observation: observe(stream), info: {} };
    },
    step(action) {
      if (!isTensor(action)) throw new Error('expected a tensor');
      steps++;
      const torques = action.data as Float32Array;
      const reward = -torques.reduce((sum, torque) => sum + torque * torque, 0);
      return { observation: observe(stream), reward, terminated: false, truncated: false, info: {} };
    },
  };
}
