/** A deterministic environment whose every observation tells which episode and step it belongs to. */
import type { Env, EnvRegistration } from '@gymwire/env-server';
import { box, float32, type StepResult, type Value } from '@gymwire/protocol';

export interface CountingOptions {
  /** Steps until the episode terminates; Infinity: never. */
  readonly terminateAfter: number;
  /** Throws in this step of every episode; 0: never. */
  readonly failAt?: number;
  /** Returns this reward. */
  readonly reward?: number;
  readonly onClose?: () => void;
  readonly onDetach?: () => void;
  readonly beforeStep?: () => Promise<void>;
  readonly beforeMake?: () => Promise<void>;
  /** Goes into the info of every step. */
  readonly stepInfo?: () => Value;
}

/** Observation: [first random draw of the episode, step, last action]; info: the step as an int, at every step. */
function createCountingEnv(options: CountingOptions): Env {
  let step = 0;
  let draw = 0;
  const observe = (action: number) => float32([draw, step, action]);
  return {
    observationSpace: box([0, 0, -10], [1, 1e6, 10]),
    actionSpace: box([-1, -2], [1, 2]),
    reset({ random }) {
      step = 0;
      draw = random.random();
      return { observation: observe(0), info: { start: true } };
    },
    async step(action: Value): Promise<StepResult> {
      await options.beforeStep?.();
      step += 1;
      if (step === options.failAt) throw new Error('the gearbox is on fire');
      const extra = options.stepInfo === undefined ? {} : { extra: options.stepInfo() };
      const [first] = (action as { data: Float32Array }).data;
      const terminated = step >= options.terminateAfter;
      const reward = options.reward ?? step / 10;
      return {
        observation: observe(first),
        reward,
        terminated,
        truncated: false,
        info: { step: BigInt(step), ...extra },
      };
    },
    render: () => ({ width: 2, height: 1, data: Uint8Array.of(step, 0, 0, 255, 255, 255) }),
    detach: () => options.onDetach?.(),
    close: () => options.onClose?.(),
  };
}

export function countingRegistration(id: string, options: CountingOptions): EnvRegistration {
  const make = async () => {
    await options.beforeMake?.();
    return createCountingEnv(options);
  };
  return { id, make, renderModes: ['rgb_array'], maxEpisodeSteps: 100 };
}
