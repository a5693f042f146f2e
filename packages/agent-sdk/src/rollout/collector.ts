import type { Seed } from '@gymwire/protocol';
import { AgentError } from '../errors.ts';
import type { RandomStream } from '../random/random-stream.ts';
import type { ActionScaler } from './action-scaler.ts';
import { type EpisodeStep, EpisodeStepper } from './episode-stepper.ts';
import type { ExplorationNoise } from './exploration-noise.ts';
import { isEpisodeLoss, type VectorEnv } from './vector-env.ts';

/** The actor that plays, without noise: `ActorPolicy`. */
export interface Actor {
  /**
   * @param observations [n, observationSize]
   * @param out [n, actionSize], [-1, 1] units
   */
  act(observations: Float32Array, out: Float32Array): void;
}

/** What the replay stores. The arrays are views, valid until the collector's next step. */
export interface Transition {
  readonly envIndex: number;
  readonly observation: Float32Array;
  /** [-1, 1] units. */
  readonly action: Float32Array;
  readonly reward: number;
  /** Before any reset. */
  readonly nextObservation: Float32Array;
  /** False where the episode was only truncated: such a transition bootstraps. */
  readonly terminated: boolean;
}

/** An episode that ended in this step. */
export interface TrainingEpisode {
  readonly envIndex: number;
  readonly return: number;
  readonly length: number;
  readonly terminated: boolean;
}

/** An episode that nobody knows the end of: its session is gone. Its transitions so far are as good as any. */
export interface BrokenEpisode {
  readonly envIndex: number;
  /** So far. */
  readonly return: number;
  readonly length: number;
}

export interface CollectedStep {
  /** One an environment, except those that were being reset. */
  readonly transitions: readonly Transition[];
  readonly episodes: readonly TrainingEpisode[];
  /** New episodes have begun in the place of these, and in all environments. */
  readonly broken: readonly BrokenEpisode[];
  /** Of the actor's numbers in this step (none during warm-up): how many, and how many beyond ±0.99. */
  readonly actorOutputs: number;
  readonly saturatedOutputs: number;
}

export interface CollectorOptions {
  readonly env: VectorEnv;
  readonly scaler: ActionScaler;
  readonly actor: Actor;
  readonly noise: ExplorationNoise;
  readonly warmUpStream: RandomStream;
  /** Seeds of the episodes that begin when those under way are lost, one an environment. */
  readonly seedsAfterLoss: () => readonly Seed[];
}

/** So many losses without a transition between them are no accident. */
const maxLossesInARow = 5;

/** A tanh output this close to ±1 hardly moves any more. */
const saturationLimit = 0.99;

/** Steps all environments once per call and tells the transitions; stores nothing and learns nothing. */
export class Collector {
  readonly #options: CollectorOptions;
  readonly #stepper: EpisodeStepper;
  readonly #observation: Float32Array;
  readonly #actions: Float32Array;
  readonly #envActions: Float32Array;
  readonly #returns: Float64Array;
  #lossesInARow = 0;

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.#stepper = new EpisodeStepper(options.env);
    const { numEnvs, observationSize } = this.#stepper;
    this.#observation = new Float32Array(numEnvs * observationSize);
    this.#actions = new Float32Array(numEnvs * options.scaler.size);
    this.#envActions = new Float32Array(numEnvs * options.scaler.size);
    this.#returns = new Float64Array(numEnvs);
  }

  /** Starts an episode in every environment. @param seeds one an environment */
  async reset(seeds: readonly Seed[]): Promise<void> {
    await this.#stepper.reset(seeds);
    this.#returns.fill(0);
    for (let i = 0; i < this.#stepper.numEnvs; i++) this.#options.noise.startEpisode(i);
  }

  /** Whether the next step can bring no transition, since every environment will only be reset in it. */
  get onlyResets(): boolean {
    return !this.#stepper.awaitsReset.includes(false);
  }

  /**
   * One vector step. All draws and the actor's answer are taken before the environments are awaited.
   * @param isWarmUp actions uniform over the action space instead of the actor's with noise; both kinds are
   * stored in [-1, 1] units
   * @throws AgentError NON_FINITE_VALUE, and then nothing of this step was told; TRAINING_DIVERGED
   * @throws GymwireError EPISODE_LOST when episodes are lost again and again
   */
  async step(isWarmUp: boolean): Promise<CollectedStep> {
    this.#observation.set(this.#stepper.observation);
    const saturatedOutputs = isWarmUp ? this.#drawActions() : this.#playActor();
    const awaitingReset = this.#stepper.awaitsReset.filter(Boolean).length;
    const outputs = (this.#stepper.numEnvs - awaitingReset) * this.#options.scaler.size;
    this.#options.scaler.toEnv(this.#actions, this.#envActions);
    let step: EpisodeStep;
    try {
      step = await this.#stepper.step(this.#envActions);
    } catch (error) {
      if (!isEpisodeLoss(error) || this.#lossesInARow >= maxLossesInARow) throw error;
      this.#lossesInARow += 1;
      return { ...nothing, broken: await this.#startAnew() };
    }
    const transitions = this.#readTransitions(step);
    const episodes = this.#readEpisodes(step);
    if (transitions.length > 0) this.#lossesInARow = 0;
    const broken = step.isLost ? await this.#startAnew() : [];
    return { transitions, episodes, broken, actorOutputs: isWarmUp ? 0 : outputs, saturatedOutputs };
  }

  /** After a loss. An episode that has ended, or has no step yet, is none. */
  async #startAnew(): Promise<BrokenEpisode[]> {
    const lengths = this.#stepper.lengthsUnderWay;
    const broken = lengths.flatMap((length, envIndex) =>
      length === 0 ? [] : [{ envIndex, return: this.#returns[envIndex], length }],
    );
    await this.reset(this.#options.seedsAfterLoss());
    return broken;
  }

  /** Environments about to reset draw nothing, so that the autoreset mode does not shift the draws. */
  #drawActions(): number {
    const { scaler, warmUpStream } = this.#options;
    const actionSize = scaler.size;
    for (let i = 0; i < this.#stepper.numEnvs; i++) {
      const action = row(this.#actions, i, actionSize);
      if (this.#stepper.awaitsReset[i] === true) action.fill(0);
      else for (let k = 0; k < actionSize; k++) action[k] = 2 * warmUpStream.uniform() - 1;
    }
    return 0;
  }

  /** Returns how many of the actor's numbers are saturated. */
  #playActor(): number {
    const { scaler, actor, noise } = this.#options;
    const actionSize = scaler.size;
    const { numEnvs, awaitsReset } = this.#stepper;
    actor.act(this.#observation, this.#actions);
    let saturated = 0;
    for (let i = 0; i < numEnvs; i++) {
      const action = row(this.#actions, i, actionSize);
      if (awaitsReset[i] === true) {
        action.fill(0);
        continue;
      }
      for (const [k, value] of action.entries()) {
        if (!Number.isFinite(value)) throw diverged(k, value);
        if (Math.abs(value) > saturationLimit) saturated++;
      }
      noise.add(i, action);
      for (let k = 0; k < actionSize; k++) action[k] = Math.max(-1, Math.min(1, action[k]));
    }
    return saturated;
  }

  #readTransitions(step: EpisodeStep): Transition[] {
    const { observationSize, numEnvs } = this.#stepper;
    const transitions: Transition[] = [];
    for (let i = 0; i < numEnvs; i++) {
      if (step.isReset[i] === true) continue;
      transitions.push({
        envIndex: i,
        observation: row(this.#observation, i, observationSize),
        action: row(this.#actions, i, this.#options.scaler.size),
        reward: step.rewards[i],
        nextObservation: row(step.nextObservation, i, observationSize),
        terminated: step.terminated[i] === true,
      });
    }
    return transitions;
  }

  #readEpisodes(step: EpisodeStep): TrainingEpisode[] {
    const episodes: TrainingEpisode[] = [];
    for (let i = 0; i < this.#stepper.numEnvs; i++) {
      if (step.isReset[i] === true) continue;
      const total = this.#returns[i] + step.rewards[i];
      this.#returns[i] = total;
      const terminated = step.terminated[i] === true;
      if (!terminated && step.truncated[i] !== true) continue;
      episodes.push({ envIndex: i, return: total, length: step.episodeLengths[i], terminated });
      this.#returns[i] = 0;
      this.#options.noise.startEpisode(i);
    }
    return episodes;
  }
}

const nothing = { transitions: [], episodes: [], actorOutputs: 0, saturatedOutputs: 0 } as const;

function row(rows: Float32Array, i: number, size: number): Float32Array {
  return rows.subarray(i * size, (i + 1) * size);
}

function diverged(dimension: number, value: number): AgentError {
  return new AgentError(
    'TRAINING_DIVERGED',
    `the actor's action[${dimension}] is ${value}: its weights are no longer finite; try lower learning rates or smaller rewards`,
  );
}
