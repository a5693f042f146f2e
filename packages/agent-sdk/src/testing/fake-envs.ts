import type { Seed } from '@gymwire/protocol';
import { createRandomStream, type RandomStream } from '../random/random-stream.ts';
import type { FakeEnv, FakeStep } from './fake-vector-env.ts';

/**
 * No chance at all: the observation is [environment, episode, step], the reward tells both and the action.
 * Episode e of environment i has 2 + (i + e) % 3 steps and ends terminated, truncated or both in turn.
 */
export class CountingEnv implements FakeEnv {
  readonly #index: number;
  #episode = -1;
  #step = 0;

  constructor(index: number) {
    this.#index = index;
  }

  reset(): readonly number[] {
    this.#episode++;
    this.#step = 0;
    return this.#observe();
  }

  step(action: Float32Array): FakeStep {
    this.#step++;
    const variant = this.#index + this.#episode;
    const hasEnded = this.#step === 2 + (variant % 3);
    return {
      observation: this.#observe(),
      reward: 100 * this.#index + 10 * this.#episode + this.#step + action[0] / 8,
      terminated: hasEnded && variant % 3 !== 0,
      truncated: hasEnded && variant % 3 !== 1,
    };
  }

  #observe(): readonly number[] {
    return [this.#index, this.#episode, this.#step];
  }
}

/** The best action is the observation itself: reward −(action − observation)². Episodes are cut off after `length`. */
export class IdentityEnv implements FakeEnv {
  readonly #length: number;
  #stream: RandomStream = createRandomStream(0, 'identity-env');
  #target = 0;
  #step = 0;

  constructor(length: number) {
    this.#length = length;
  }

  reset(seed: Seed | null): readonly number[] {
    if (seed !== null) this.#stream = createRandomStream(Number(seed), 'identity-env');
    this.#step = 0;
    return this.#draw();
  }

  step(action: Float32Array): FakeStep {
    const reward = -((Number(action[0]) - this.#target) ** 2);
    this.#step++;
    return { observation: this.#draw(), reward, terminated: false, truncated: this.#step === this.#length };
  }

  #draw(): readonly number[] {
    this.#target = 2 * this.#stream.uniform() - 1;
    return [this.#target];
  }
}
