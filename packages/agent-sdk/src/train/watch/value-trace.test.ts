import { describe, expect, it } from 'vitest';
import { ActionScaler } from '../../policy/action-scaler.ts';
import type { NetworkState } from '../../td3/network-state.ts';
import { type FakeEnv, FakeVectorEnv } from '../../testing/fake-vector-env.ts';
import { evaluateActor } from './evaluate-actor.ts';
import { type EvaluatedCritics, ValueTrace } from './value-trace.ts';

/** Q = bias + weight[0] · observation + weight[1] · action: one layer, so that a person can follow. */
const linear = (bias: number, ...weight: number[]): NetworkState => [
  { inputs: weight.length, outputs: 1, weight: Float32Array.from(weight), bias: Float32Array.of(bias) },
];

const critics = (gamma: number, ...two: [NetworkState, NetworkState]): EvaluatedCritics => ({
  critics: two,
  normalizer: undefined,
  gamma,
});

/** Plays one environment: each step's observation, action and reward; the last one ends the episode. */
function play(trace: ValueTrace, steps: readonly (readonly [number, number, number])[], terminated: boolean) {
  for (const [i, [observation, action, reward]] of steps.entries()) {
    trace.act(Float32Array.of(observation), Float32Array.of(action));
    const hasEnded = i === steps.length - 1;
    trace.step({ playing: [0], rewards: [reward], terminated: [terminated && hasEnded] });
  }
}

describe('ValueTrace', () => {
  it('holds Q against the discounted return, as computed by hand', () => {
    const trace = new ValueTrace();
    trace.begin(0, 1);
    play(
      trace,
      [
        [1, 0.5, 4],
        [2, -0.5, 2],
        [3, 1, 8],
      ],
      true,
    );
    // gamma 0.5. From the end: 8; 2 + 0.5 · 8 = 6; 4 + 0.5 · 6 = 7. Mean 7.
    // Q1 = 1 + 2 o + 4 a: 1 + 2 + 2 = 5; 1 + 4 − 2 = 3; 1 + 6 + 4 = 11. Mean 19 / 3.
    // Q2 = 10 − o: 9, 8, 7; the smaller of the two: 5, 3, 7. Mean 5.
    expect(trace.compare(critics(0.5, linear(1, 2, 4), linear(10, -1, 0)))).toEqual({
      valueStates: 3,
      meanQ: 19 / 3,
      meanMinQ: 5,
      meanDiscountedReturn: 7,
      overestimation: 19 / 3 - 7,
    });
  });

  it('of an episode that was cut off, takes only states for which what came after weighs less than 1 %', () => {
    const trace = new ValueTrace();
    trace.begin(0, 1);
    // 0.1 to the power of 2 is 0.01, which is not less; of five steps those with three or more to come are known.
    play(
      trace,
      [1, 2, 3, 4, 5].map((observation) => [observation, 0, 1] as const),
      false,
    );
    const found = trace.compare(critics(0.1, linear(0, 1, 0), linear(0, 1, 0)));
    // 1.1111, 1.111, 1.11
    expect(found).toMatchObject({ valueStates: 3, meanQ: 2 });
    expect(found.meanDiscountedReturn).toBeCloseTo((1.1111 + 1.111 + 1.11) / 3, 12);
  });

  it('knows nothing of short episodes that are cut off, and says so', () => {
    const trace = new ValueTrace();
    trace.begin(0, 1);
    play(trace, [[1, 0, 1]], false);
    expect(trace.compare(critics(0.99, linear(0, 1, 0), linear(0, 1, 0)))).toEqual({
      valueStates: 0,
      meanQ: null,
      meanMinQ: null,
      meanDiscountedReturn: null,
      overestimation: null,
    });
  });

  it('values observations as the learner sees them', () => {
    const trace = new ValueTrace();
    trace.begin(0, 1);
    play(trace, [[7, 0, 1]], true);
    const normalizer = { mean: Float32Array.of(3), scale: Float32Array.of(2), clip: 10 };
    const q = linear(0, 1, 0);
    expect(trace.compare({ critics: [q, q], normalizer, gamma: 0.9 })).toMatchObject({ meanQ: 2 });
  });

  it('forgets a round that was lost', () => {
    const trace = new ValueTrace();
    const q = linear(0, 1, 0);
    trace.begin(0, 1);
    play(trace, [[1, 0, 1]], true);
    trace.begin(1, 1);
    play(trace, [[100, 0, 50]], true);
    trace.begin(1, 1);
    play(trace, [[3, 0, 3]], true);
    expect(trace.compare(critics(0.9, q, q))).toMatchObject({
      valueStates: 2,
      meanQ: 2,
      meanDiscountedReturn: 2,
    });
  });

  it('keeps a bounded number of states of long episodes, spread over them', () => {
    const trace = new ValueTrace();
    trace.begin(0, 1);
    play(
      trace,
      Array.from({ length: 1000 }, (_, i) => [i, 0, 0] as const),
      true,
    );
    const q = linear(0, 1, 0);
    // Every fourth: 0, 4 … 996.
    expect(trace.compare(critics(0.9, q, q))).toMatchObject({ valueStates: 250, meanQ: 498 });
  });
});

/** Episodes of their seed's length, in steps whose rewards differ. */
class LengthEnv implements FakeEnv {
  #length = 0;
  #step = 0;

  reset(seed: Parameters<FakeEnv['reset']>[0]): readonly number[] {
    this.#length = 40 + (Number(seed ?? 1) % 50);
    this.#step = 0;
    return [this.#length];
  }

  step(action: Float32Array) {
    this.#step += 1;
    const observation = [Math.sin(this.#length + this.#step)];
    const terminated = this.#step === this.#length;
    return { observation, reward: observation[0] + action[0], terminated, truncated: false };
  }
}

it('an evaluation finds the same, to the bit, however many environments play at once', async () => {
  const actor = {
    act: (observations: Float32Array, out: Float32Array) => out.set(observations.map((x) => x / 100)),
    reset: () => undefined,
  };
  const found = [];
  for (const numEnvs of [1, 3, 12]) {
    const env = new FakeVectorEnv({ make: () => new LengthEnv(), observationSize: 1, numEnvs });
    const options = { env, episodes: 12, seed: 5 };
    const taught = critics(0.95, linear(0.3, 0.7, -0.2), linear(0.1, 0.2, 0.9));
    found.push((await evaluateActor(actor, taught, new ActionScaler([-1], [1]), options)).values);
  }
  expect(found[0]?.valueStates).toBeGreaterThan(100);
  expect(found[1]).toEqual(found[0]);
  expect(found[2]).toEqual(found[0]);
});
