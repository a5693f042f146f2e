import type { Checkpoint, Counters, IntervalSums, RunEnvironment } from '../../checkpoint/checkpoint.ts';
import { AgentError } from '../../errors.ts';
import type { ResolvedTrainOptions } from '../../generated/train-options.ts';
import {
  ObservationStatistics,
  type ObservationStatisticsState,
} from '../../policy/observation-statistics.ts';
import type { PolicyMemory, PolicyState } from '../../policy/policy.ts';
import type { EvaluationSummary, PolicySnapshot } from '../../policy/policy-snapshot.ts';
import { createRandomStream, type RandomStream } from '../../random/random-stream.ts';
import type { ReplayBuffer } from '../../replay/replay-buffer.ts';
import type { LearningRates } from '../../td3/learner.ts';
import type { AdamState, LearnerState, NetworkState } from '../../td3/network-state.ts';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Everything of a run that changes and that is not in the learner. */
export interface TrainingState {
  readonly counters: Mutable<Counters>;
  readonly interval: Mutable<IntervalSums>;
  /** A stream a purpose: what one draws does not depend on how much another draws. */
  readonly streams: {
    readonly warmUp: RandomStream;
    readonly exploration: RandomStream;
    readonly targetNoise: RandomStream;
    readonly batchIndices: RandomStream;
  };
  /** Observations as they came. */
  readonly replay: ReplayBuffer;
  /** Statistics of all observations collected; null where they are not normalised. */
  readonly observationStatistics: ObservationStatistics | null;
  /** Episodes of each environment of which a step was told; null in a run of an older version, whose seeds do not count them. */
  episodesBegun: number[] | null;
  /** Those that a callback has set; null: the options'. */
  learningRates: LearningRates | null;
  lastEvaluation: EvaluationSummary | null;
  best: PolicySnapshot | null;
}

export function createTrainingState(options: ResolvedTrainOptions, replay: ReplayBuffer): TrainingState {
  const { seed, numEnvs, logInterval, evaluationInterval } = options;
  return {
    counters: {
      envSteps: 0,
      learningTransitions: 0,
      gradientSteps: 0,
      episodes: 0,
      resumes: 0,
      nextLogAt: logInterval,
      nextEvaluationAt: evaluationInterval,
      lastEvaluationAt: null,
    },
    interval: { episodes: 0, returnSum: 0, lengthSum: 0, actorOutputs: 0, saturatedOutputs: 0 },
    streams: {
      warmUp: createRandomStream(seed, 'warm-up'),
      exploration: createRandomStream(seed, 'exploration'),
      targetNoise: createRandomStream(seed, 'target-noise'),
      batchIndices: createRandomStream(seed, 'batch-indices'),
    },
    replay,
    observationStatistics: options.normalizeObservations
      ? new ObservationStatistics(replay.observationSize)
      : null,
    episodesBegun: new Array<number>(numEnvs).fill(0),
    learningRates: null,
    lastEvaluation: null,
    best: null,
  };
}

/** Continues from a checkpoint. @throws AgentError INVALID_STATE when the replay does not fit */
export function restoreTrainingState(state: TrainingState, checkpoint: Checkpoint): void {
  Object.assign(state.counters, checkpoint.counters);
  Object.assign(state.interval, checkpoint.interval);
  state.streams.warmUp.importState(checkpoint.streams.warmUp);
  state.streams.exploration.importState(checkpoint.streams.exploration);
  state.streams.targetNoise.importState(checkpoint.streams.targetNoise);
  state.streams.batchIndices.importState(checkpoint.streams.batchIndices);
  state.replay.importState(checkpoint.replay);
  restoreStatistics(state.observationStatistics, checkpoint.observationStatistics);
  state.episodesBegun = restoredEpisodes(state.episodesBegun?.length, checkpoint.seeding);
  state.learningRates = checkpoint.learningRates ?? null;
  state.lastEvaluation = checkpoint.lastEvaluation;
  state.best = checkpoint.best;
}

function restoredEpisodes(numEnvs: number | undefined, saved: Checkpoint['seeding']): number[] | null {
  if (saved === undefined) return null;
  const { episodesBegun } = saved;
  if (episodesBegun.length === numEnvs) return [...episodesBegun];
  throw new AgentError(
    'INVALID_STATE',
    `episodes begun: expected those of ${numEnvs} environments, got ${episodesBegun.length}`,
  );
}

function restoreStatistics(
  statistics: ObservationStatistics | null,
  saved: ObservationStatisticsState | null,
): void {
  if ((statistics === null) !== (saved === null)) {
    throw new AgentError('INVALID_STATE', 'observation statistics: saved where none are kept, or not saved');
  }
  if (statistics !== null && saved !== null) statistics.importState(saved);
}

/**
 * Gives the actor that plays back what it remembered. The episodes of its rows are gone, so they are reset after this.
 * @throws AgentError INVALID_STATE where only one of the two is there
 */
export function restoreMemory(memory: PolicyMemory | undefined, saved: PolicyState | undefined): void {
  if ((memory === undefined) !== (saved === undefined)) {
    throw new AgentError('INVALID_STATE', 'policy memory: saved where the actor has none, or not saved');
  }
  if (memory !== undefined && saved !== undefined) memory.importState(saved);
}

/**
 * The state and the learner's as one value. Arrays are views: write them out before anything goes on.
 * @param memory of the actor that plays, if it has one
 * @throws AgentError TRAINING_DIVERGED when the learner holds a number that is not finite
 */
export function createCheckpoint(
  options: ResolvedTrainOptions,
  environment: RunEnvironment,
  state: TrainingState,
  learner: LearnerState,
  memory: PolicyMemory | undefined,
): Omit<Checkpoint, 'metricsBytes' | 'metricsSha256'> {
  checkFinite(learner);
  const { counters, interval, streams, replay, observationStatistics, lastEvaluation, best } = state;
  const { episodesBegun, learningRates } = state;
  return {
    options: { ...options },
    environment,
    counters: { ...counters },
    interval: { ...interval },
    streams: {
      warmUp: streams.warmUp.exportState(),
      exploration: streams.exploration.exportState(),
      targetNoise: streams.targetNoise.exportState(),
      batchIndices: streams.batchIndices.exportState(),
    },
    learner,
    replay: replay.exportState(),
    ...(episodesBegun !== null && { seeding: { version: 2, episodesBegun: [...episodesBegun] } }),
    ...(learningRates !== null && { learningRates }),
    observationStatistics: observationStatistics?.exportState() ?? null,
    ...(memory !== undefined && { policyMemory: memory.exportState() }),
    lastEvaluation,
    best,
  };
}

/**
 * A good checkpoint must not be replaced by one that no run can go on from.
 * @throws AgentError TRAINING_DIVERGED, naming the network and the layer
 */
export function checkFinite(learner: LearnerState): void {
  const { actor, actorTarget, critics, criticTargets, actorAdam, criticAdams } = learner;
  checkNetwork('the actor', actor);
  checkNetwork('the target actor', actorTarget);
  critics.forEach((critic, i) => checkNetwork(`critic ${i + 1}`, critic));
  criticTargets.forEach((critic, i) => checkNetwork(`target critic ${i + 1}`, critic));
  checkMoments('the actor', actorAdam);
  criticAdams.forEach((adam, i) => checkMoments(`critic ${i + 1}`, adam));
}

function checkMoments(name: string, { firstMoment, secondMoment }: AdamState): void {
  checkNetwork(`Adam’s first moment of ${name}`, firstMoment);
  checkNetwork(`Adam’s second moment of ${name}`, secondMoment);
}

function checkNetwork(name: string, network: NetworkState): void {
  network.forEach(({ weight, bias }, layer) => {
    const bad = weight.find((x) => !Number.isFinite(x)) ?? bias.find((x) => !Number.isFinite(x));
    if (bad === undefined) return;
    throw new AgentError(
      'TRAINING_DIVERGED',
      `${name}, layer ${layer + 1} of ${network.length}: expected finite numbers, got ${bad}; ` +
        'try lower learning rates or smaller rewards',
    );
  });
}
