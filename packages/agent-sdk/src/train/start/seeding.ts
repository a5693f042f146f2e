/**
 * How a run's training episodes get their seeds. Version 2: episode k of environment i has its own, whatever was stopped,
 * lost or resumed before. Version 1, of runs that older versions started: see `trainingSeeds`.
 */
import type { Seed } from '@gymwire/protocol';
import type { ResolvedTrainOptions } from '../../generated/train-options.ts';
import { type EpisodeSeeds, laterSeeding } from '../../rollout/episode-stepper.ts';
import type { VectorEnv } from '../../rollout/vector-env.ts';
import type { RunSeeding } from '../../run-folder/run-folder.ts';
import type { TrainingState } from '../loop/training-state.ts';
import { createEpisodeSeed, type EpisodeSeed, trainingSeeds } from './env-seeds.ts';

/** What a collector asks for. */
export interface CollectorSeeds {
  /** Undefined: only resets of all environments have seeds. */
  readonly episodeSeeds: EpisodeSeeds | undefined;
  /** One an environment, for the episodes that begin with the run or its resume. */
  readonly first: readonly Seed[];
  readonly afterLoss: () => readonly Seed[];
}

export function createSeeds(
  { seed, numEnvs }: ResolvedTrainOptions,
  { counters, episodesBegun }: TrainingState,
): CollectorSeeds {
  if (episodesBegun !== null) {
    const episodeSeeds = new CountedSeeds(createEpisodeSeed(seed), episodesBegun);
    return { episodeSeeds, first: episodeSeeds.next, afterLoss: () => episodeSeeds.next };
  }
  let losses = 0;
  const ofAll = () => trainingSeeds(seed, counters.resumes, counters.envSteps, numEnvs, losses);
  const afterLoss = () => {
    losses += 1;
    return ofAll();
  };
  return { episodeSeeds: undefined, first: ofAll(), afterLoss };
}

class CountedSeeds implements EpisodeSeeds {
  readonly #seedOf: EpisodeSeed;
  /** Episodes of which a step was told. The run's own: it is saved with the run. */
  readonly #begun: number[];
  /** Environments whose episode has begun, and no step of it is told yet: how soon it begins hangs on the autoreset mode. */
  readonly #isFresh: boolean[];
  #next: readonly number[];

  constructor(seedOf: EpisodeSeed, begun: number[]) {
    this.#seedOf = seedOf;
    this.#begun = begun;
    this.#isFresh = begun.map(() => false);
    this.#next = begun.map((episode, i) => seedOf(i, episode));
  }

  get next(): readonly number[] {
    return this.#next;
  }

  begun(envIndices: readonly number[]): void {
    const next = [...this.#next];
    for (const i of envIndices) {
      this.#isFresh[i] = true;
      next[i] = this.#seedOf(i, this.#begun[i] + 1);
    }
    this.#next = next;
  }

  stepped(isNone: readonly boolean[]): void {
    for (let i = 0; i < this.#isFresh.length; i++) {
      if (!this.#isFresh[i] || isNone[i]) continue;
      this.#isFresh[i] = false;
      this.#begun[i] += 1;
    }
  }

  lost(envIndices: readonly number[]): void {
    const next = [...this.#next];
    for (const i of envIndices) {
      this.#isFresh[i] = false;
      next[i] = this.#seedOf(i, this.#begun[i]);
    }
    this.#next = next;
  }
}

/** What `config.json` says of it. @param env the training's */
export function describeSeeding({ episodesBegun }: TrainingState, env: VectorEnv): RunSeeding {
  if (episodesBegun === null) return { version: 1, laterEpisodes: 'from-streams' };
  const isSeeded = laterSeeding(env) !== undefined;
  return { version: 2, laterEpisodes: isSeeded ? 'from-seeds' : 'from-streams' };
}

/** What is to be told of an environment that takes no seeds for later episodes; undefined: it does, or never did. */
export function seedingFault({ version, laterEpisodes }: RunSeeding): string | undefined {
  if (version === 1 || laterEpisodes === 'from-seeds') return undefined;
  return (
    'this VectorEnv does not say how episodes that begin by themselves get seeds (episodeSeeding), so that they go on with ' +
    'its own random streams: after a stop, a resume or a lost session, other episodes follow than would have'
  );
}
