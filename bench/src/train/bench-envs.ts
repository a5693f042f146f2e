/** Environments that only the bench serves. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Env, EnvRegistration, EnvResetOptions } from '@gymwire/env-server';
import { box, isTensor, type ResetResult, type StepResult, type Value } from '@gymwire/protocol';

export const halfCheetah = { observationSize: 17, actionSize: 6 } as const;

export const shapeEnvId = 'Bench/HalfCheetahShapes-v0';
/** Takes `sleep_ms` a step without using a core, like a simulator elsewhere. */
export const sleepEnvId = 'Bench/Sleep-v0';

export const benchEnvs: readonly EnvRegistration[] = [
  { id: shapeEnvId, maxEpisodeSteps: 1000, make: () => new ShapeEnv() },
  {
    id: sleepEnvId,
    maxEpisodeSteps: 1000,
    arguments: [{ name: 'sleep_ms', type: 'float', defaultValue: 10, description: 'time of a step' }],
    make: (args) => createSleepingEnv(args.number('sleep_ms')),
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
