import type { EnvRegistration } from '@gymwire/env-server';
import { box, type Value } from '@gymwire/protocol';
import { halfCheetah } from '../train/bench-envs.ts';

export const blockingEnvId = 'Bench/BlockingSleep-v0';

/** HalfCheetah's spaces; a step holds its thread for `sleep_ms` and uses no core: environments of a host step one after the other. */
export const blockingEnv: EnvRegistration = {
  id: blockingEnvId,
  maxEpisodeSteps: 1000,
  arguments: [{ name: 'sleep_ms', type: 'float', defaultValue: 5, description: 'time of a step' }],
  make(args) {
    const sleepMs = args.number('sleep_ms');
    const cell = new Int32Array(new SharedArrayBuffer(4));
    const filled = (size: number, value: number) => new Float32Array(size).fill(value);
    const { observationSize, actionSize } = halfCheetah;
    const observe = (): Value => ({
      dtype: 'float32',
      shape: [observationSize],
      data: filled(observationSize, 0),
    });
    return {
      observationSpace: box(filled(observationSize, -1), filled(observationSize, 1)),
      actionSpace: box(filled(actionSize, -1), filled(actionSize, 1)),
      reset: () => ({ observation: observe(), info: {} }),
      step() {
        Atomics.wait(cell, 0, 0, sleepMs);
        return { observation: observe(), reward: 0, terminated: false, truncated: false, info: {} };
      },
    };
  },
};
