import { type RunEnvironment, readCheckpoint } from '../checkpoint/checkpoint.ts';
import { systemCodeOf } from '../checkpoint/file-errors.ts';
import type { ArrayAllocator } from '../checkpoint/read-container.ts';
import { AgentError } from '../errors.ts';
import { readPolicyFile } from '../policy/policy-file.ts';
import type { PolicySnapshot } from '../policy/policy-snapshot.ts';
import { ReplayBuffer } from '../replay/replay-buffer.ts';
import { ActionScaler } from '../rollout/action-scaler.ts';
import { Collector } from '../rollout/collector.ts';
import { type EvaluateOptions, type EvaluationProgress, evaluate } from '../rollout/evaluate.ts';
import { createExplorationNoise } from '../rollout/exploration-noise.ts';
import { createFlattener, type Flattener, readActionBounds } from '../rollout/flatten.ts';
import type { VectorEnv } from '../rollout/vector-env.ts';
import { createInitialState } from '../td3/initial-state.ts';
import type { Learner, LearnerOptions } from '../td3/learner.ts';
import { ActorWatch } from './actor-watch.ts';
import {
  checkEvaluationEnv,
  checkSameEnv,
  checkTrainingEnv,
  describeTrainedOn,
  type TrainedOn,
} from './check-made-env.ts';
import { checkMemory } from './check-memory.ts';
import { configHash } from './config-hash.ts';
import { evaluationSeed, trainingSeeds } from './env-seeds.ts';
import { type InspectedRun } from './inspect-run.ts';
import { noLines } from './json-lines-file.ts';
import { LiveActor } from './live-actor.ts';
import { parseResolvedOptions, type ResolvedTrainOptions } from './option-schema.ts';
import { Recorder } from './recorder.ts';
import { RunFolder, runFileNames, runFilePath } from './run-folder.ts';
import type { EnvRequest, TrainRequest } from './train-request.ts';
import type { TrainingParts, WatchedEvaluation } from './training-parts.ts';
import { createTrainingState, restoreTrainingState, type TrainingState } from './training-state.ts';
import { Updater } from './updater.ts';

/** What has to be closed when the run is over, in the order in which it was opened. */
export type Closing = (() => Promise<void>)[];

/** Sizes and bounds that the environment decides. */
interface Spaces {
  readonly observation: Flattener;
  readonly scaler: ActionScaler;
}

/** What a run begins with. */
export interface RunStart {
  readonly options: ResolvedTrainOptions;
  /** The run that is resumed. */
  readonly run: InspectedRun | undefined;
}

/** Makes or restores every part of a run and starts the first episodes. */
export async function assembleRun(
  request: TrainRequest,
  { options, run }: RunStart,
  closing: Closing,
): Promise<TrainingParts> {
  const env = await makeEnv(request, options, 'training', closing);
  checkTrainingEnv(env, options);
  const evaluationEnv = await makeEnv(request, options, 'evaluation', closing);
  checkEvaluationEnv(evaluationEnv, options, env);
  const trainedOn = describeTrainedOn(env, options);
  const spaces: Spaces = {
    observation: createFlattener(env.observationSpace, 'observation'),
    scaler: new ActionScaler(...readActionBounds(env.actionSpace)),
  };
  const environment: RunEnvironment = {
    maxEpisodeSteps: trainedOn.maxEpisodeSteps ?? null,
    observationLow: spaces.observation.low,
    observationHigh: spaces.observation.high,
    actionLow: spaces.scaler.low,
    actionHigh: spaces.scaler.high,
  };
  const sizes = { observationSize: spaces.observation.size, actionSize: spaces.scaler.size };
  const learnerOptions: LearnerOptions = { ...pickLearnerOptions(options), ...sizes };

  const { bufferSize: capacity, totalEnvSteps, numEnvs } = options;
  // A vector step may bring more than is still wanted.
  const replayOptions = { ...sizes, capacity, expected: totalEnvSteps + numEnvs - 1 };
  checkMemory(learnerOptions, replayOptions);
  const replay = new ReplayBuffer(replayOptions);
  const state = createTrainingState(options, replay);
  const restored = await restore(request, state);
  if (restored !== undefined) checkSameEnv(restored.environment, environment);
  const initial = restored?.learner ?? createInitialState(learnerOptions, options.seed);
  const learner = await request.createLearner(learnerOptions, initial);
  closing.push(() => learner.dispose());

  const policyUpdates = Math.floor(state.counters.gradientSteps / options.policyDelay);
  const actor = new LiveActor(initial.actor, policyUpdates, state.observationStatistics);
  const collector = await startCollector(env, options, state, actor, spaces.scaler);
  const folder = await openFolder(request, { options, run }, closing);
  const mended = [...(run?.mended ?? [])];
  if (restored !== undefined) mended.push(...(await reconcileBest(folder, state, restored.configHash)));
  const recorder = new Recorder(state, folder, request.onProgress);
  const duringEvaluation = {
    ...(request.signal !== undefined && { signal: request.signal }),
    onProgress: (progress: EvaluationProgress) => recorder.tellEvaluating(progress),
  };
  return {
    options,
    environment,
    state,
    collector,
    updater: new Updater(learner, state, learnerOptions, options.gradientStepsPerTransition),
    learner,
    actor,
    evaluate: () => evaluateActor(evaluationEnv, options, actor, spaces.scaler, duringEvaluation),
    snapshot: () => takeSnapshot(trainedOn, options, spaces, state, learner),
    recorder,
    folder,
    mended,
    signal: request.signal,
  };
}

async function makeEnv(
  { makeEnv: make }: TrainRequest,
  options: ResolvedTrainOptions,
  purpose: EnvRequest['purpose'],
  closing: Closing,
): Promise<VectorEnv> {
  const { envId, envArguments, maxEpisodeSteps, autoresetMode } = options;
  const numEnvs = purpose === 'training' ? options.numEnvs : options.evaluationEpisodes;
  const env = await make({ purpose, envId, envArguments, maxEpisodeSteps, autoresetMode, numEnvs });
  closing.push(() => env.close());
  return env;
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

/** Fills the state from the run's checkpoint, where the run is resumed. */
async function restore({ runFolder, resume }: TrainRequest, state: TrainingState) {
  if (runFolder === undefined || resume !== true) return undefined;
  // The replay goes straight to its place: a full one may be as large as half the memory.
  const place: ArrayAllocator = (name, length) =>
    name.startsWith('replay.') ? state.replay.columnView(name.slice('replay.'.length), length) : undefined;
  const checkpoint = await readCheckpoint(runFilePath(runFolder, 'checkpoint'), place);
  restoreTrainingState(state, checkpoint);
  state.counters.resumes++;
  const { learner, environment, options } = checkpoint;
  return { learner, environment, configHash: configHash(parseResolvedOptions(options)) };
}

/**
 * A run that was killed may have found a better policy after its last checkpoint: that one is kept. Otherwise
 * best.policy is made what the checkpoint says.
 * @returns what was put right
 */
async function reconcileBest(
  folder: RunFolder | undefined,
  state: TrainingState,
  hash: string,
): Promise<string[]> {
  if (folder === undefined) return [];
  const name = runFileNames.bestPolicy;
  // Missing or damaged: the checkpoint has a copy.
  const { saved, fault } = await readBest(runFilePath(folder.path, 'bestPolicy'));
  const isBetter = returnOf(saved) > returnOf(state.best) && saved?.configHash === hash;
  if (isBetter) state.best = saved;
  else if (state.best !== null) await folder.writePolicy('bestPolicy', state.best);
  if (fault === undefined || (state.best === null && fault === 'missing')) return [];
  const anew = state.best === null ? 'an evaluation will replace it' : 'written anew from the checkpoint';
  return [`${name} is ${fault}: ${anew}`];
}

async function readBest(
  path: string,
): Promise<{ readonly saved?: PolicySnapshot; readonly fault?: 'missing' | 'damaged' }> {
  try {
    return { saved: await readPolicyFile(path) };
  } catch (error) {
    const isMissing = error instanceof AgentError && systemCodeOf(error.cause) === 'ENOENT';
    return { fault: isMissing ? 'missing' : 'damaged' };
  }
}

function returnOf(policy: PolicySnapshot | null | undefined): number {
  return policy?.evaluation?.meanReturn ?? -Infinity;
}

async function startCollector(
  env: VectorEnv,
  options: ResolvedTrainOptions,
  state: TrainingState,
  actor: LiveActor,
  scaler: ActionScaler,
): Promise<Collector> {
  const { explorationNoiseType, explorationNoise, numEnvs, seed } = options;
  const { streams, counters } = state;
  const noise = createExplorationNoise(
    explorationNoiseType,
    explorationNoise,
    numEnvs,
    scaler.size,
    streams.exploration,
  );
  let losses = 0;
  const seeds = () => trainingSeeds(seed, counters.resumes, counters.envSteps, numEnvs, losses);
  const seedsAfterLoss = () => {
    losses += 1;
    return seeds();
  };
  const collector = new Collector({
    env,
    scaler,
    actor,
    noise,
    warmUpStream: streams.warmUp,
    seedsAfterLoss,
  });
  await collector.reset(seeds());
  return collector;
}

async function openFolder(
  { runFolder }: TrainRequest,
  { options, run }: RunStart,
  closing: Closing,
): Promise<RunFolder | undefined> {
  if (runFolder === undefined) return undefined;
  const kept = run ?? { metrics: noLines(), timing: noLines() };
  const folder = await RunFolder.open(runFolder, options, kept);
  closing.push(() => folder.close());
  return folder;
}

async function evaluateActor(
  env: VectorEnv,
  { seed, evaluationEpisodes: episodes }: ResolvedTrainOptions,
  actor: LiveActor,
  scaler: ActionScaler,
  more: Pick<EvaluateOptions, 'signal' | 'onProgress'>,
): Promise<WatchedEvaluation> {
  const watch = new ActorWatch(scaler.size);
  const actions = new Float32Array(env.numEnvs * scaler.size);
  const policy = (observations: Float32Array) => {
    actor.act(observations, actions);
    watch.see(observations, actions);
    scaler.toEnv(actions, actions);
    return actions;
  };
  const firstSeed = evaluationSeed(seed, episodes);
  const result = await evaluate({ env, policy, episodes, seed: firstSeed, ...more });
  return { result, fault: watch.verdict() };
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
