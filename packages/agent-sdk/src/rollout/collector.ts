import { GymwireError, type Seed } from '@gymwire/protocol';
import type { ActionScaler } from '../policy/action-scaler.ts';
import type { Actor } from '../policy/actor.ts';
import { ActorPolicy } from '../policy/actor-policy.ts';
import type { RandomStream } from '../random/random-stream.ts';
import { type EpisodeSeeds, type EpisodeStep, EpisodeStepper } from './episode-stepper.ts';
import type { ExplorationNoise } from './exploration-noise.ts';
import { ExploringActor } from './exploring-actor.ts';
import { isEpisodeLoss, type VectorEnv } from './vector-env.ts';

/** What the replay stores. The arrays are views, valid until the collector's next step. */
export interface Transition {
  readonly envIndex: number;
  readonly observation: Float32Array;
  /** [-1, 1] units. */
  readonly action: Float32Array;
  readonly reward: number;
  /** What the step led to, before any reset. */
  readonly nextObservation: Float32Array;
  /**
   * False: nobody knows it, and `observation` stands in its place, which is nothing to learn from. Only where `terminated`: no
   * target has such a next observation in it.
   */
  readonly isNextKnown: boolean;
  /** The episode ended in a terminal state; false where it was only truncated: such a transition bootstraps. */
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
  /** Rewards so far. */
  readonly return: number;
  readonly length: number;
}

/** What one vector step brought. */
export interface CollectedStep {
  /** One an environment, except those that were being reset. */
  readonly transitions: readonly Transition[];
  readonly episodes: readonly TrainingEpisode[];
  /** Transitions left out: they were cut off, and what they led to, from which a target would bootstrap, is unknown. */
  readonly dropped: number;
  /** New episodes have begun in the place of these, and in all environments that were lost with them. */
  readonly broken: readonly BrokenEpisode[];
  /** Numbers that the actor gave in this step (none during warm-up), and those beyond ±0.99 among them. */
  readonly actorOutputs: number;
  readonly saturatedOutputs: number;
}

/** What a collector works with. */
export interface CollectorOptions {
  readonly env: VectorEnv;
  readonly scaler: ActionScaler;
  /** Plays without noise. */
  readonly actor: Actor;
  readonly noise: ExplorationNoise;
  readonly warmUpStream: RandomStream;
  /** Absent: later episodes go on with the random streams of the environments. */
  readonly episodeSeeds?: EpisodeSeeds;
  /** Seeds of the episodes that begin when those under way are lost, one an environment. */
  readonly seedsAfterLoss: () => readonly Seed[];
}

/** Losses without a transition between them, beyond which they are no accident. */
const maxLossesInARow = 5;

/** Steps all environments once per call and tells the transitions; stores nothing and learns nothing. */
export class Collector {
  readonly #options: CollectorOptions;
  readonly #stepper: EpisodeStepper;
  readonly #observation: Float32Array;
  readonly #exploring: ExploringActor;
  readonly #policy: ActorPolicy;
  readonly #returns: Float64Array;
  /** Losses of each environment since its last transition. */
  readonly #lossesInARow: Int32Array;
  /** Environments whose last step has not come yet, ascending. */
  #underWay: readonly number[] = [];

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.#stepper = new EpisodeStepper(options.env, options.episodeSeeds);
    const { numEnvs, observationSize } = this.#stepper;
    this.#observation = new Float32Array(numEnvs * observationSize);
    const { awaitsReset } = this.#stepper;
    this.#exploring = new ExploringActor({ ...options, awaitsReset, actionSize: options.scaler.size });
    this.#policy = new ActorPolicy(this.#exploring, options.scaler);
    this.#returns = new Float64Array(numEnvs);
    this.#lossesInARow = new Int32Array(numEnvs);
  }

  /** Starts an episode in every environment. @param seeds one an environment */
  async reset(seeds: readonly Seed[]): Promise<void> {
    await this.#stepper.reset(seeds);
    this.#underWay = [];
    this.#returns.fill(0);
    this.#policy.reset([...this.#returns.keys()]);
  }

  /** Milliseconds that the wire took on this side so far; zero where there is none. */
  get wireMs(): number {
    return this.#options.env.wireMs ?? 0;
  }

  /** True where the next step can bring no transition, since every environment will only be reset in it. */
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
    this.#exploring.isWarmUp = isWarmUp;
    const actions = this.#act();
    const awaitingReset = this.#stepper.awaitsReset.filter(Boolean).length;
    const outputs = (this.#stepper.numEnvs - awaitingReset) * this.#options.scaler.size;
    let step: EpisodeStep;
    try {
      step = await this.#stepper.step(actions);
    } catch (error) {
      if (!isEpisodeLoss(error)) throw error;
      this.#underWay = [];
      return { ...nothing, broken: await this.#startAnew([...this.#returns.keys()], error) };
    }
    this.#underWay = step.absent;
    const transitions = this.#readTransitions(step);
    const dropped = step.unknownNext.filter((i) => step.terminated[i] !== true).length;
    const episodes = this.#readEpisodes(step);
    for (const { envIndex } of transitions) this.#lossesInARow[envIndex] = 0;
    if (step.starts.length > 0) this.#policy.reset(step.starts);
    const broken = step.lost.length > 0 ? await this.#startAnew(step.lost) : [];
    const { saturatedOutputs } = this.#exploring;
    return { transitions, episodes, dropped, broken, actorOutputs: isWarmUp ? 0 : outputs, saturatedOutputs };
  }

  /** What is under way was begun with an action of an earlier step: that is the one of its transition. */
  #act(): Float32Array {
    const { size } = this.#options.scaler;
    const kept = this.#underWay.map((i) => row(this.#exploring.actions, i, size).slice());
    const actions = this.#policy.act(this.#observation, this.#stepper.numEnvs);
    for (const [k, i] of this.#underWay.entries()) row(this.#exploring.actions, i, size).set(kept[k]);
    return actions;
  }

  /**
   * Starts new episodes after a loss.
   * @returns those that were lost; one that has ended, or has no step yet, is none
   * @throws the error, or GymwireError EPISODE_LOST, where one environment is lost again and again
   */
  async #startAnew(lost: readonly number[], error?: unknown): Promise<BrokenEpisode[]> {
    const lengths = this.#stepper.lengthsUnderWay;
    const broken = lost.flatMap((envIndex) => {
      const length = lengths[envIndex];
      return length === 0 ? [] : [{ envIndex, return: this.#returns[envIndex], length }];
    });
    let gone = lost;
    while (gone.length > 0) {
      for (const i of gone) this.#countLoss(i, error);
      this.#options.episodeSeeds?.lost(gone);
      const again = await this.#stepper.restart(gone, this.#options.seedsAfterLoss());
      for (const i of gone) this.#returns[i] = 0;
      this.#policy.reset(gone);
      gone = again;
    }
    return broken;
  }

  #countLoss(envIndex: number, error: unknown): void {
    this.#lossesInARow[envIndex] += 1;
    if (this.#lossesInARow[envIndex] <= maxLossesInARow) return;
    if (error instanceof Error) throw error;
    const message = `environment ${envIndex} loses its episodes again and again, without a step between`;
    throw new GymwireError('EPISODE_LOST', message);
  }

  #readTransitions(step: EpisodeStep): Transition[] {
    const { observationSize, numEnvs } = this.#stepper;
    const transitions: Transition[] = [];
    for (let i = 0; i < numEnvs; i++) {
      const isNextKnown = !step.unknownNext.includes(i);
      if (step.isReset[i] === true || step.isMissing?.[i] === true) continue;
      if (!isNextKnown && step.terminated[i] !== true) continue;
      transitions.push({
        envIndex: i,
        observation: row(this.#observation, i, observationSize),
        action: row(this.#exploring.actions, i, this.#options.scaler.size),
        reward: step.rewards[i],
        nextObservation: row(step.nextObservation, i, observationSize),
        isNextKnown,
        terminated: step.terminated[i] === true,
      });
    }
    return transitions;
  }

  #readEpisodes(step: EpisodeStep): TrainingEpisode[] {
    const episodes: TrainingEpisode[] = [];
    for (let i = 0; i < this.#stepper.numEnvs; i++) {
      if (step.isReset[i] === true || step.isMissing?.[i] === true) continue;
      const total = this.#returns[i] + step.rewards[i];
      this.#returns[i] = total;
      const terminated = step.terminated[i] === true;
      if (!terminated && step.truncated[i] !== true) continue;
      episodes.push({ envIndex: i, return: total, length: step.episodeLengths[i], terminated });
      this.#returns[i] = 0;
    }
    return episodes;
  }
}

const nothing = { transitions: [], episodes: [], dropped: 0, actorOutputs: 0, saturatedOutputs: 0 } as const;

function row(rows: Float32Array, i: number, size: number): Float32Array {
  return rows.subarray(i * size, (i + 1) * size);
}
