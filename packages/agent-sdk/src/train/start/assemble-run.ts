import { checkSavedCallbacks } from '../../callbacks/saved-callbacks.ts';
import { readCheckpoint } from '../../checkpoint/checkpoint.ts';
import type { ArrayAllocator } from '../../checkpoint/read-container.ts';
import type { ResolvedTrainOptions } from '../../generated/train-options.ts';
import { configHash } from '../../options/config-hash.ts';
import { parseResolvedOptions } from '../../options/option-schema.ts';
import type { ActionScaler } from '../../policy/action-scaler.ts';
import type { PolicySnapshot } from '../../policy/policy-snapshot.ts';
import { ReplayBuffer } from '../../replay/replay-buffer.ts';
import { Collector } from '../../rollout/collector.ts';
import { createExplorationNoise } from '../../rollout/exploration-noise.ts';
import type { VectorEnv } from '../../rollout/vector-env.ts';
import type { InspectedRun } from '../../run-folder/inspect-run.ts';
import { noFiles } from '../../run-folder/line-files.ts';
import { runFilePath } from '../../run-folder/run-file-names.ts';
import { RunFolder, type RunFolderStart } from '../../run-folder/run-folder.ts';
import type { RunLock } from '../../run-folder/run-lock.ts';
import { createInitialState } from '../../td3/initial-state.ts';
import type { Learner, LearnerOptions } from '../../td3/learner.ts';
import { ratesOf } from '../loop/callback-context.ts';
import { CallbackHost } from '../loop/callback-host.ts';
import { LiveActor } from '../loop/live-actor.ts';
import type { TrainingParts } from '../loop/training-parts.ts';
import {
  createTrainingState,
  restoreMemory,
  restoreTrainingState,
  type TrainingState,
} from '../loop/training-state.ts';
import { Updater } from '../loop/updater.ts';
import type { EventJournal } from '../report/event-journal.ts';
import type { ProgressTeller } from '../report/progress-teller.ts';
import { Recorder } from '../report/recorder.ts';
import { evaluateActor } from '../watch/evaluate-actor.ts';
import { checkSameEnv, type TrainedOn } from './check-made-env.ts';
import { checkMemory } from './check-memory.ts';
import type { Closing } from './closing.ts';
import { evaluationSeed } from './env-seeds.ts';
import { makeEnvs, type RunEnvs, type Spaces } from './make-envs.ts';
import type { OpenedRequest } from './open-request.ts';
import { reconcileBest } from './reconcile-best.ts';
import { createSeeds, describeSeeding } from './seeding.ts';

/** What a run begins with. */
export interface RunStart {
  readonly options: ResolvedTrainOptions;
  /** The run that is resumed. */
  readonly run: InspectedRun | undefined;
  readonly teller: ProgressTeller;
  readonly journal: EventJournal;
  /** The lock of the run's folder. */
  readonly lock: RunLock | undefined;
  /** How many runs share the machine, this one counted. */
  readonly runsAtATime: number;
}

/** Makes or restores every part of a run and starts the first episodes. */
export async function assembleRun(
  request: OpenedRequest,
  start: RunStart,
  closing: Closing,
): Promise<TrainingParts> {
  const { options, run } = start;
  const { training, evaluation, spaces, trainedOn, environment } = await makeEnvs(request, options, closing);
  const sizes = { observationSize: spaces.observation.size, actionSize: spaces.scaler.size };
  const learnerOptions: LearnerOptions = { ...pickLearnerOptions(options), ...sizes };

  const { bufferSize: capacity, totalEnvSteps, numEnvs } = options;
  // A vector step may bring more than is still wanted.
  const replayOptions = { ...sizes, capacity, expected: totalEnvSteps + numEnvs - 1 };
  checkMemory(learnerOptions, replayOptions, start.runsAtATime);
  const replay = new ReplayBuffer(replayOptions);
  const state = createTrainingState(options, replay);
  const restored = run?.hasCheckpoint === true ? await restore(request, state) : undefined;
  if (restored !== undefined) {
    checkSameEnv(restored.environment, environment);
    checkSavedCallbacks(request.callbacks, restored.callbacks);
  }
  const initial = restored?.learner ?? createInitialState(learnerOptions, options.seed);
  const learner = await request.createLearner(
    { ...learnerOptions, ...learningRates(options, state) },
    initial,
  );
  closing.push(() => learner.dispose());

  const policyUpdates = Math.floor(state.counters.gradientSteps / options.policyDelay);
  const actor = new LiveActor(initial.actor, policyUpdates, state.observationStatistics);
  if (restored !== undefined) restoreMemory(actor.memory, restored.policyMemory);
  const collector = await startCollector(training, options, state, actor, spaces.scaler);
  const seeding = describeSeeding(state, training);
  const about = { places: training.places, seeding, batch: batchFacts(training) };
  const folder = await openFolder(request, start, about, closing);
  const mended = [...(run?.mended ?? [])];
  if (restored !== undefined) mended.push(...(await reconcileBest(folder, state, restored.configHash)));
  const recorder = new Recorder(state, folder, start.teller, start.journal);
  const targets = { options, state, learner, recorder };
  const callbacks = new CallbackHost(request.callbacks, targets);
  if (restored !== undefined) {
    for (const message of await callbacks.restore(restored.callbacks)) await start.teller.notice(message);
  }
  return {
    options,
    environment,
    seeding,
    state,
    collector,
    updater: new Updater(learner, state, learnerOptions, options.gradientStepsPerTransition),
    learner,
    actor,
    evaluate: createEvaluate(request, options, { evaluation, spaces, recorder }),
    evaluatesAlongside: request.evaluatesAlongside,
    snapshot: () => takeSnapshot(trainedOn, options, spaces, state, learner),
    recorder,
    callbacks,
    folder,
    mended,
    signal: request.signal,
  };
}

function pickLearnerOptions(options: ResolvedTrainOptions) {
  const { hiddenSizes, batchSize, gamma, tau, policyDelay } = options;
  const { targetPolicyNoise, targetNoiseClip, actorLearningRate, criticLearningRate } = options;
  return {
    hiddenSizes,
    batchSize,
    gamma,
    tau,
    policyDelay,
    targetPolicyNoise,
    targetNoiseClip,
    actorLearningRate,
    criticLearningRate,
  };
}

/** Those of now: a callback may have changed them before the run was stopped. */
function learningRates(options: ResolvedTrainOptions, state: TrainingState) {
  const { actor, critic } = ratesOf(options, state);
  return { actorLearningRate: actor, criticLearningRate: critic };
}

function createEvaluate(
  { signal }: OpenedRequest,
  { seed, evaluationEpisodes: episodes }: ResolvedTrainOptions,
  { evaluation, spaces, recorder }: Pick<RunEnvs, 'evaluation' | 'spaces'> & { readonly recorder: Recorder },
): TrainingParts['evaluate'] {
  const settings = { episodes, seed: evaluationSeed(seed, episodes), ...(signal && { signal }) };
  return (actor, critics, envSteps) =>
    evaluation.play((env) =>
      evaluateActor(actor, critics, spaces.scaler, {
        ...settings,
        env,
        onProgress: (progress) => recorder.tellEvaluating(progress, envSteps),
      }),
    );
}

/** Fills the state from the run's checkpoint. */
async function restore({ runFolder = '' }: OpenedRequest, state: TrainingState) {
  // The replay goes straight to its place: a full one may be as large as half the memory.
  const place: ArrayAllocator = (name, length) =>
    name.startsWith('replay.') ? state.replay.columnView(name.slice('replay.'.length), length) : undefined;
  const checkpoint = await readCheckpoint(runFilePath(runFolder, 'checkpoint'), place);
  restoreTrainingState(state, checkpoint);
  state.counters.resumes++;
  const { learner, policyMemory, environment, options, callbacks = {} } = checkpoint;
  return {
    learner,
    policyMemory,
    environment,
    callbacks,
    configHash: configHash(parseResolvedOptions(options)),
  };
}

async function startCollector(
  env: VectorEnv,
  options: ResolvedTrainOptions,
  state: TrainingState,
  actor: LiveActor,
  scaler: ActionScaler,
): Promise<Collector> {
  const { explorationNoiseType, explorationNoise, numEnvs } = options;
  const { streams } = state;
  const noise = createExplorationNoise(
    explorationNoiseType,
    explorationNoise,
    numEnvs,
    scaler.size,
    streams.exploration,
  );
  const { first, afterLoss, episodeSeeds } = createSeeds(options, state);
  const collector = new Collector({
    env,
    scaler,
    actor,
    noise,
    warmUpStream: streams.warmUp,
    ...(episodeSeeds !== undefined && { episodeSeeds }),
    seedsAfterLoss: afterLoss,
  });
  await collector.reset(first);
  return collector;
}

async function openFolder(
  { runFolder, callbacks }: OpenedRequest,
  { options, run, lock }: RunStart,
  { places, seeding, batch }: Pick<RunFolderStart, 'places' | 'seeding' | 'batch'>,
  closing: Closing,
): Promise<RunFolder | undefined> {
  if (runFolder === undefined || lock === undefined) return undefined;
  const kept = run?.kept ?? noFiles();
  const usesClock = callbacks.some((callback) => callback.usesClock === true);
  const isReproducible = run?.isReproducible !== false && places?.mode !== 'elastic' && !usesClock;
  const start = { path: runFolder, options, seeding, places, isReproducible, batch, kept, lock };
  const folder = await RunFolder.open(start);
  closing.push(() => folder.close());
  return folder;
}

async function takeSnapshot(
  trainedOn: TrainedOn,
  options: ResolvedTrainOptions,
  { observation, scaler }: Spaces,
  { counters, lastEvaluation, observationStatistics }: TrainingState,
  learner: Learner,
): Promise<PolicySnapshot> {
  const isCurrent = lastEvaluation !== null && counters.lastEvaluationAt === counters.envSteps;
  return {
    ...trainedOn,
    actor: await learner.actorWeights(),
    actionLow: scaler.low,
    actionHigh: scaler.high,
    observationLow: observation.low,
    observationHigh: observation.high,
    observationLayout: observation.layout,
    ...(observationStatistics !== null && { observationNormalizer: observationStatistics.normalizer() }),
    envSteps: counters.envSteps,
    ...(isCurrent && { evaluation: lastEvaluation }),
    configHash: configHash(options),
  };
}

function batchFacts({ autoresetMode, batch }: VectorEnv): RunFolderStart['batch'] {
  return batch && { autoresetMode, finalObservations: batch.finalObservations };
}
