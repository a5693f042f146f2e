import { NetworkCritic } from '../../policy/network-critic.ts';
import { normalizeObservations } from '../../policy/normalize-observations.ts';
import type { ObservationNormalizer } from '../../policy/policy-snapshot.ts';
import type { EvaluationStep } from '../../rollout/evaluate.ts';
import type { ValueMetrics } from '../../run-folder/metrics.ts';
import type { LearnerState } from '../../td3/network-state.ts';

/** The critics of an evaluation's moment, and what they were taught. */
export interface EvaluatedCritics {
  readonly critics: LearnerState['critics'];
  /** Undefined: observations are valued as they are. */
  readonly normalizer: ObservationNormalizer | undefined;
  readonly gamma: number;
}

/** States that are enough for a mean, and cost little beside the episodes themselves. */
const mostStates = 256;

/** Weight that what would have come after an episode was cut off is below, in a return that counts as known. */
const negligibleWeight = 0.01;

interface TracedState {
  readonly episode: number;
  /** Steps of the episode before it. */
  readonly at: number;
  readonly observation: Float32Array;
  readonly action: Float32Array;
}

interface TracedEpisode {
  readonly rewards: number[];
  terminated: boolean;
}

/**
 * States of an evaluation's episodes, with what really came of them: what the critics believe is held against it (Fujimoto, van Hoof
 * and Meger, 2018, figure 1). Of long episodes only every second, fourth … step is kept: which ones does not depend on how
 * many environments play at once.
 */
export class ValueTrace {
  #first = 0;
  #stride = 1;
  #states: TracedState[] = [];
  #episodes: TracedEpisode[] = [];
  #observations = new Float32Array(0);
  #actions = new Float32Array(0);

  /** What is played next, before anybody changes it. @param actions in [-1, 1] */
  act(observations: Float32Array, actions: Float32Array): void {
    if (this.#observations.length !== observations.length)
      this.#observations = new Float32Array(observations);
    else this.#observations.set(observations);
    if (this.#actions.length !== actions.length) this.#actions = new Float32Array(actions);
    else this.#actions.set(actions);
  }

  /** A round begins, or begins again where its episodes were lost. @param first its first episode @param rows of the vector */
  begin(first: number, count: number): void {
    this.#first = first;
    this.#states = this.#states.filter(({ episode }) => episode < first);
    this.#episodes.length = first;
    for (let i = 0; i < count; i++) this.#episodes.push({ rewards: [], terminated: false });
  }

  /** What came of it. */
  step({ playing, rewards, terminated }: EvaluationStep): void {
    for (const i of playing) {
      const number = this.#first + i;
      const episode = this.#episodes[number];
      const at = episode.rewards.length;
      if (at % this.#stride === 0) {
        const rows = rewards.length;
        const row = (values: Float32Array) => {
          const size = values.length / rows;
          return values.slice(i * size, (i + 1) * size);
        };
        this.#keep({ episode: number, at, observation: row(this.#observations), action: row(this.#actions) });
      }
      episode.rewards.push(rewards[i]);
      episode.terminated = terminated[i] === true;
    }
  }

  /** Holds what the critics believe against what came. */
  compare({ critics, normalizer, gamma }: EvaluatedCritics): ValueMetrics {
    const returns = this.#episodes.map(({ rewards }) => discountedReturns(rewards, gamma));
    const isKnown = ({ episode, at }: TracedState) => {
      const { terminated, rewards } = this.#episodes[episode];
      return terminated || gamma ** (rewards.length - at) < negligibleWeight;
    };
    // In one order, whoever played when: sums are the same to the bit.
    const states = this.#states.filter(isKnown).toSorted((a, b) => a.episode - b.episode || a.at - b.at);
    if (states.length === 0) return unknownValues;
    const [first, second] = critics.map((layers) => new NetworkCritic(layers));
    const sums = { q: 0, minQ: 0, truth: 0 };
    for (const { episode, at, observation, action } of states) {
      if (normalizer !== undefined) normalizeObservations(observation, normalizer, observation);
      const input = new Float32Array(observation.length + action.length);
      input.set(observation);
      input.set(action, observation.length);
      const q = first.value(input);
      sums.q += q;
      sums.minQ += Math.min(q, second.value(input));
      sums.truth += returns[episode][at];
    }
    const mean = (sum: number) => sum / states.length;
    return {
      valueStates: states.length,
      meanQ: mean(sums.q),
      meanMinQ: mean(sums.minQ),
      meanDiscountedReturn: mean(sums.truth),
      overestimation: mean(sums.q) - mean(sums.truth),
    };
  }

  #keep(state: TracedState): void {
    this.#states.push(state);
    while (this.#states.length > mostStates) {
      this.#stride *= 2;
      this.#states = this.#states.filter(({ at }) => at % this.#stride === 0);
      // Many short episodes: their beginnings alone are more than is wanted, and stay.
      if (this.#states.every(({ at }) => at === 0)) break;
    }
  }
}

const unknownValues: ValueMetrics = {
  valueStates: 0,
  meanQ: null,
  meanMinQ: null,
  meanDiscountedReturn: null,
  overestimation: null,
};

/** What came from each step on: r + gamma · what came from the next. */
function discountedReturns(rewards: readonly number[], gamma: number): Float64Array {
  const returns = new Float64Array(rewards.length);
  let next = 0;
  for (let t = rewards.length - 1; t >= 0; t--) returns[t] = next = rewards[t] + gamma * next;
  return returns;
}
