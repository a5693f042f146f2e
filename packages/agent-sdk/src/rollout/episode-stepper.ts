import type {
  AutoresetMode,
  Seed,
  VectorResetResult,
  VectorStepOptions,
  VectorStepResult,
} from '@gymwire/protocol';
import { AgentError } from '../errors.ts';
import { createFlattener, type Flattener } from './flatten.ts';
import { type EpisodeSeeding, isEpisodeLoss, type VectorEnv } from './vector-env.ts';

/** One vector step, told in the same way whatever the autoreset mode is. Arrays are reused by the next step. */
export interface EpisodeStep {
  /** [numEnvs, observationSize]: what the step led to, before any reset. */
  readonly nextObservation: Float32Array;
  /** [numEnvs] */
  readonly rewards: Float64Array;
  readonly terminated: readonly boolean[];
  readonly truncated: readonly boolean[];
  /** `next-step` only: this environment ignored its action and was reset instead. No transition. */
  readonly isReset: readonly boolean[];
  /** Steps of the episode so far, this one included. */
  readonly episodeLengths: Int32Array;
  /** Environments whose next observation is the first of an episode. */
  readonly starts: readonly number[];
  /**
   * Environments of whose episodes the last observation is unknown: in `nextObservation` the one before the step stands in for
   * it. Of a simulator that does not tell it; none otherwise.
   */
  readonly unknownNext: readonly number[];
  /** True where nothing is known of the step: it is lost, or it has not come yet. Absent: all is known. */
  readonly isMissing?: readonly boolean[] | undefined;
  /** Environments whose episodes are lost, in this step or right after it, ascending: `restart` them before the next one. */
  readonly lost: readonly number[];
  /** Environments that took no action of theirs yet: their next one is not taken, and their observation stays, ascending. */
  readonly absent: readonly number[];
}

/** A seed for each episode of each environment. */
export interface EpisodeSeeds {
  /** [numEnvs]: of the episode that each environment begins next. `begun` puts another array in its place. */
  readonly next: readonly Seed[];
  /** The episodes with these seeds have begun; one counts as soon as a step of it is told. */
  begun(envIndices: readonly number[]): void;
  /** Every environment has told a step, but for those that were only reset in it, or of which nothing is known. */
  stepped(isNone: readonly boolean[]): void;
  /** Their episodes are gone: one that has begun and told no step begins again. */
  lost(envIndices: readonly number[]): void;
}

const none: readonly number[] = [];

/**
 * Steps a VectorEnv from episode to episode and hides the three autoreset modes (Gymnasium's AutoresetMode):
 * `disabled`: ended environments are reset here, by mask; `next-step`: they reset in the step after;
 * `same-step`: they are already reset and the true last observation is in `final`.
 */
export class EpisodeStepper {
  readonly numEnvs: number;
  readonly observationSize: number;
  /** [numEnvs, observationSize]: what to act on next; of an environment about to reset: its last observation. */
  readonly observation: Float32Array;
  /** Environments that will ignore their next action. */
  readonly awaitsReset: boolean[];
  readonly #episodeLengths: Int32Array;
  readonly #env: VectorEnv;
  readonly #mode: AutoresetMode;
  readonly #seeds: EpisodeSeeds | undefined;
  /** How the seeds of later episodes reach the environments; undefined: they do not. */
  readonly #seeding: EpisodeSeeding | undefined;
  readonly #flattener: Flattener;
  readonly #nextObservation: Float32Array;
  readonly #scratch: Float32Array;

  /** @param seeds absent: random streams go on from the reset of all environments */
  constructor(env: VectorEnv, seeds?: EpisodeSeeds) {
    this.#env = env;
    this.#mode = env.autoresetMode;
    this.#seeds = seeds;
    this.#seeding = seeds === undefined ? undefined : laterSeeding(env);
    this.#flattener = createFlattener(env.observationSpace, 'observation');
    this.numEnvs = env.numEnvs;
    this.observationSize = this.#flattener.size;
    const numbers = this.numEnvs * this.observationSize;
    this.observation = new Float32Array(numbers);
    this.#nextObservation = new Float32Array(numbers);
    this.#scratch = new Float32Array(numbers);
    this.awaitsReset = Array.from({ length: this.numEnvs }, () => false);
    this.#episodeLengths = new Int32Array(this.numEnvs);
  }

  /** Steps so far of each episode under way; 0 where none has begun or one has just ended. */
  get lengthsUnderWay(): readonly number[] {
    return Array.from(this.#episodeLengths, (length, i) => (this.awaitsReset[i] === true ? 0 : length));
  }

  /** Starts an episode in every environment. @param seeds one an environment */
  async reset(seeds: readonly Seed[]): Promise<void> {
    const result = await this.#env.reset(this.#env.batch?.seeding === 'none' ? {} : { seeds });
    this.#flattener.write(result.observation, this.numEnvs, this.observation);
    for (let i = 0; i < this.numEnvs; i++) this.#checkRow(this.observation, i, 0);
    this.awaitsReset.fill(false);
    this.#episodeLengths.fill(0);
    this.#seeds?.begun([...this.awaitsReset.keys()]);
  }

  /**
   * Starts episodes where they were lost; all other environments go on.
   * @param lost ascending @param seeds one an environment, also of those that go on
   * @returns environments that were lost again meanwhile
   */
  async restart(lost: readonly number[], seeds: readonly Seed[]): Promise<readonly number[]> {
    if (lost.length === this.numEnvs) {
      await this.reset(seeds);
      return none;
    }
    const mask = Array.from({ length: this.numEnvs }, (_, i) => lost.includes(i));
    const result = await this.#env.reset({ seeds, mask });
    this.#takeRows(result, mask);
    const again = result.lost ?? none;
    for (const i of lost) {
      this.#checkRow(this.observation, i, 0);
      this.awaitsReset[i] = false;
      this.#episodeLengths[i] = 0;
    }
    this.#seeds?.begun(lost.filter((i) => !again.includes(i)));
    return again;
  }

  /**
   * Steps all environments once.
   * @param actions [numEnvs, actionSize], environment units
   * @throws AgentError NON_FINITE_VALUE for an observation or reward that cannot be learnt from
   * @throws GymwireError EPISODE_LOST: nothing is known of this step; `reset` before the next one
   */
  async step(actions: Float32Array): Promise<EpisodeStep> {
    const isReset = [...this.awaitsReset];
    const options = this.#stepOptions();
    const result = await (options === undefined ? this.#env.step(actions) : this.#env.step(actions, options));
    const { rewards, terminated, truncated, lost = none, absent = none } = result;
    const isMissing = lost.length + absent.length > 0 ? this.#missing(lost, absent) : undefined;
    this.#flattener.write(result.observation, this.numEnvs, this.#nextObservation);
    if (isMissing !== undefined) this.#keepRows(isMissing);
    const unknownNext = this.#mode === 'same-step' ? this.#unknownIn(result) : none;
    const standIns = unknownNext.map((i) => this.#row(this.observation, i).slice());
    this.observation.set(this.#nextObservation);
    if (this.#mode === 'same-step') this.#readFinal(result);
    for (const [k, i] of unknownNext.entries()) this.#row(this.#nextObservation, i).set(standIns[k]);
    for (let i = 0; i < this.numEnvs; i++) {
      if (isMissing?.[i] === true) continue;
      this.#episodeLengths[i] = isReset[i] === true ? 0 : this.#episodeLengths[i] + 1;
      this.#check(i, result);
    }
    const ended = terminated.map(
      (isTerminated, i) =>
        isReset[i] !== true && isMissing?.[i] !== true && (isTerminated || truncated[i] === true),
    );
    const episodeLengths = this.#episodeLengths.slice();
    this.#seeds?.stepped(
      isMissing === undefined ? isReset : isReset.map((is, i) => is || isMissing[i] === true),
    );
    const begun = this.#mode === 'next-step' ? notMissing(isReset, isMissing) : ended;
    const lostInReset = await this.#startEpisodes(ended, begun, absent);
    const allLost = lostInReset.length === 0 ? lost : ascending([...lost, ...lostInReset]);
    return {
      nextObservation: this.#nextObservation,
      rewards,
      terminated,
      truncated,
      isReset,
      episodeLengths,
      starts: indicesOf(begun, allLost),
      isMissing,
      lost: allLost,
      absent,
      unknownNext,
    };
  }

  #missing(lost: readonly number[], absent: readonly number[]): readonly boolean[] {
    return Array.from({ length: this.numEnvs }, (_, i) => lost.includes(i) || absent.includes(i));
  }

  /** Where nothing is known, what was last known stays. */
  #keepRows(isMissing: readonly boolean[]): void {
    const size = this.observationSize;
    for (let i = 0; i < this.numEnvs; i++) {
      if (isMissing[i] !== true) continue;
      this.#nextObservation.set(this.observation.subarray(i * size, (i + 1) * size), i * size);
    }
  }

  #row(rows: Float32Array, i: number): Float32Array {
    return rows.subarray(i * this.observationSize, (i + 1) * this.observationSize);
  }

  /** @throws AgentError SHAPE_MISMATCH where last observations are missing that the environment tells of itself to have */
  #unknownIn({ terminated, truncated, final }: VectorStepResult): readonly number[] {
    const envIndices = final?.envIndices ?? none;
    const unknown: number[] = [];
    for (let i = 0; i < this.numEnvs; i++) {
      if ((terminated[i] === true || truncated[i] === true) && !envIndices.includes(i)) unknown.push(i);
    }
    if (unknown.length === 0) return none;
    if (this.#env.batch?.finalObservations === false) return unknown;
    throw new AgentError(
      'SHAPE_MISMATCH',
      `same-step autoreset: the episode of environment ${unknown[0]} ended, but its final observation is missing`,
    );
  }

  /** Puts the true last observations in the place of those after the reset. */
  #readFinal(result: VectorStepResult): void {
    if (result.final === undefined) return;
    const { envIndices } = result.final;
    const size = this.observationSize;
    const rows = this.#scratch.subarray(0, envIndices.length * size);
    this.#flattener.write(result.final.observation, envIndices.length, rows);
    for (const [row, i] of envIndices.entries()) {
      this.#nextObservation.set(rows.subarray(row * size, (row + 1) * size), i * size);
    }
  }

  #stepOptions(): VectorStepOptions | undefined {
    if (this.#seeds === undefined || this.#seeding !== 'with-step') return undefined;
    // Under same-step any step may be the one that ends an episode.
    if (this.#mode === 'next-step' && !this.awaitsReset.includes(true)) return undefined;
    return { nextSeeds: this.#seeds.next };
  }

  /** @param begun whose next observation is the first of an episode. @returns the environments whose episodes are lost */
  async #startEpisodes(
    ended: readonly boolean[],
    begun: readonly boolean[],
    absent: readonly number[],
  ): Promise<readonly number[]> {
    for (let i = 0; i < this.numEnvs; i++) {
      if (this.#mode !== 'next-step') {
        if (ended[i] === true) this.#episodeLengths[i] = 0;
      } else if (!absent.includes(i)) this.awaitsReset[i] = ended[i] === true;
    }
    if (!begun.includes(true)) return none;
    let lost: readonly number[] = none;
    if (this.#mode === 'disabled' || this.#seeding === 'by-reset') {
      const seeds =
        this.#seeds === undefined || this.#seeding === undefined ? {} : { seeds: this.#seeds.next };
      try {
        const result = await this.#env.reset({ mask: begun, ...seeds });
        lost = result.lost ?? none;
        this.#takeRows(result, begun);
      } catch (error) {
        if (isEpisodeLoss(error)) return [...this.awaitsReset.keys()];
        throw error;
      }
    }
    const starts = indicesOf(begun, lost);
    for (const i of starts) this.#checkRow(this.observation, i, 0);
    this.#seeds?.begun(starts);
    return lost;
  }

  /** Takes over the rows of the mask, which alone are new after a reset by it. */
  #takeRows(result: VectorResetResult, mask: readonly boolean[]): void {
    const size = this.observationSize;
    this.#flattener.write(result.observation, this.numEnvs, this.#scratch);
    for (let i = 0; i < this.numEnvs; i++) {
      if (mask[i] === true) {
        this.observation.set(this.#scratch.subarray(i * size, (i + 1) * size), i * size);
      }
    }
  }

  #check(i: number, result: VectorStepResult): void {
    const step = this.#episodeLengths[i];
    this.#checkRow(this.#nextObservation, i, step);
    const reward = result.rewards[i];
    if (reward === undefined || !Number.isFinite(Math.fround(reward))) {
      throw new AgentError(
        'NON_FINITE_VALUE',
        `reward is ${reward} in environment ${i} at episode step ${step}; expected a finite float32`,
      );
    }
  }

  #checkRow(rows: Float32Array, i: number, step: number): void {
    const size = this.observationSize;
    for (let k = 0; k < size; k++) {
      const value = rows[i * size + k];
      if (!Number.isFinite(value)) {
        throw new AgentError(
          'NON_FINITE_VALUE',
          `observation[${k}] is ${value} (as float32) in environment ${i} at episode step ${step}; expected a finite number`,
        );
      }
    }
  }
}

/** Returns how seeds of episodes after the first reach these environments; undefined: they do not. */
export function laterSeeding({
  autoresetMode,
  episodeSeeding,
  batch,
}: VectorEnv): EpisodeSeeding | undefined {
  // One that is made anew with seeds, or takes none, has no place for those of single environments.
  if (batch !== undefined && batch.seeding !== 'reset') return undefined;
  return autoresetMode === 'disabled' ? 'by-reset' : episodeSeeding;
}

function notMissing(
  flags: readonly boolean[],
  isMissing: readonly boolean[] | undefined,
): readonly boolean[] {
  return isMissing === undefined ? flags : flags.map((flag, i) => flag && isMissing[i] !== true);
}

function indicesOf(flags: readonly boolean[], without: readonly number[]): readonly number[] {
  if (!flags.includes(true)) return none;
  return flags.flatMap((flag, i) => (flag && !without.includes(i) ? [i] : []));
}

function ascending(indices: readonly number[]): number[] {
  return [...new Set(indices)].sort((a, b) => a - b);
}
