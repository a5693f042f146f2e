/** An environment whose best action is seen at once, behind observations that are not a Box. */
import type { Env, EnvRegistration } from '@gymwire/env-server';
import { box, float32, type StepResult, Tuple, type Value } from '@gymwire/protocol';

/**
 * The best action is the target, in thousandths: reward −(action − target / 1000)². Beside it the observation has
 * the step and how long the episode will be. A Dict of a Box and a Tuple of Boxes.
 */
function createTargetEnv(): Env {
  let [target, step, length] = [0, 0, 0];
  const observe = () => ({
    clock: new Tuple([float32([step]), float32([length])]),
    target: float32([1000 * target]),
  });
  let draw = () => 0;
  return {
    observationSpace: {
      type: 'dict',
      entries: [
        ['clock', { type: 'tuple', spaces: [box([0], [20]), box([0], [20])] }],
        ['target', box([-1000], [1000])],
      ],
    },
    actionSpace: box([-1], [1]),
    reset({ random }) {
      draw = () => random.random();
      step = 0;
      length = 5 + Math.floor(6 * draw());
      target = 2 * draw() - 1;
      return { observation: observe(), info: {} };
    },
    step(action: Value): StepResult {
      const [played] = (action as { data: Float32Array }).data;
      const reward = -((played - target) ** 2);
      step += 1;
      target = 2 * draw() - 1;
      return { observation: observe(), reward, terminated: step === length, truncated: false, info: {} };
    },
    close() {},
  };
}

export const targetEnv: EnvRegistration = { id: 'Target-v0', make: createTargetEnv };
