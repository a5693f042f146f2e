// The parts of a training, for those who put one together themselves: policies, replay, rollout, learners, options, files.
// What the front door offers is in the package's main entry, and only there.
export { readSnapshotFile, writeSnapshotFile } from './checkpoint/snapshot-file.ts';
export { trainConfigJsonSchema } from './config/config-schema.ts';
export { readTrainConfig, type TrainConfig } from './config/read-train-config.ts';
export {
  type ConfigSettings,
  type SettingName,
  type SettingRow,
  settingNames,
  settingRow,
} from './config/setting-table.ts';
export {
  type TrainConfigTextOptions,
  trainConfigSchemaAddress,
  trainConfigText,
} from './config/train-config-text.ts';
export type { ClientTls } from './env-client/client-credentials.ts';
export type { OnReconnect } from './env-client/connect-options.ts';
export {
  describeReconnect,
  type ServerAddress,
  type ServerOrConnection,
} from './env-client/open-connection.ts';
export {
  connectOperator,
  type OperatorConnection,
  type OperatorOptions,
} from './env-client/operator-client.ts';
export { wireArguments } from './env-client/wire-arguments.ts';
export { agentErrorCodes } from './errors.ts';
export type { EvaluationSettings, PlayedPolicy } from './evaluation/evaluate-policy.ts';
export {
  checkObservationLayout,
  type EnvChanges,
  makeTrainedEnv,
  type TrainedOn,
} from './evaluation/make-trained-env.ts';
export { describeFleetEvent, fleetModes } from './fleet/fleet-options.ts';
export { readTrustedFile, warningsOfOpenFiles } from './fleet/secret-file.ts';
export type { FleetClock } from './fleet/wait-for-most.ts';
export type { ResolvedTrainOptions, ResumeOptions } from './generated/train-options.ts';
export { configHash } from './options/config-hash.ts';
export { optionJsonSchema, trainOptionsJsonSchema } from './options/option-json-schema.ts';
export {
  defaultText,
  type OptionFlag,
  type OptionName,
  type OptionRow,
  optionNames,
  optionRow,
  optionShorthands,
} from './options/option-table.ts';
export { presetIds } from './options/presets.ts';
export { resolveTrainOptions } from './options/resolve-options.ts';
export { ActionScaler } from './policy/action-scaler.ts';
export type { Actor } from './policy/actor.ts';
export { ActorPolicy } from './policy/actor-policy.ts';
export { NetworkActor } from './policy/network-actor.ts';
export type { PolicyMemory, PolicyState } from './policy/policy.ts';
export type {
  EnvArgument,
  EvaluationSummary,
  ObservationLayout,
  ObservationNormalizer,
} from './policy/policy-snapshot.ts';
export { createRandomStream, RandomStream, type RandomStreamState } from './random/random-stream.ts';
export { createBatch } from './replay/batch.ts';
export {
  ReplayBuffer,
  type ReplayBufferOptions,
  type ReplayBufferState,
  replayByteLength,
} from './replay/replay-buffer.ts';
export type { BrokenEpisode } from './rollout/collector.ts';
export { type EvaluateOptions, type EvaluationProgress, evaluate } from './rollout/evaluate.ts';
export { createFlattener, type Flattener, readActionBounds } from './rollout/flatten.ts';
export {
  type EpisodeSeeding,
  type FleetPlaces,
  isCancelled,
  isEpisodeLoss,
  type MadeEnv,
  type VectorEnv,
  type VectorReset,
  type VectorStep,
} from './rollout/vector-env.ts';
export { type EventLine, eventsDictionary, type RunEvent } from './run-folder/events.ts';
export {
  type CustomMetrics,
  type EpisodeMetrics,
  type EvaluationMetrics,
  type MetricsLine,
  metricsDictionary,
  type TrainingMetrics,
  type ValueMetrics,
} from './run-folder/metrics.ts';
export { holdsGroup, runFileNames, runFilePath } from './run-folder/run-file-names.ts';
export { type IntervalTiming, type TimingLine, timingDictionary } from './run-folder/timing.ts';
export { usualParallel } from './seeds/check-seeds-request.ts';
export type {
  EnvModule,
  EnvModuleContext,
  NewSeeds,
  OpenEnvs,
  OpenedEnvs,
  ResumedSeeds,
  SeedFailure,
  SeedRun,
  SeedsEvent,
  SeedsRequest,
  SeedsResult,
  SeedsSettings,
  SeedsSource,
} from './seeds/seeds-request.ts';
export { trainSeeds } from './seeds/train-seeds.ts';
export { type BootstrapOptions, bootstrapInterval, type Interval } from './statistics/bootstrap-interval.ts';
export { interquartileMean } from './statistics/interquartile-mean.ts';
export { type ReturnsSummary, summarizeReturns } from './statistics/summarize-returns.ts';
export { type LearnerThreads, learnerNames, learnerThreadCounts } from './td3/choose-learner.ts';
export { type CompiledLearnerSettings, createCompiledLearner } from './td3/compiled/compiled-learner.ts';
export { createInitialState, type NetworkSizes } from './td3/initial-state.ts';
export type {
  Batch,
  CreateLearner,
  Learner,
  LearnerMetrics,
  LearnerOptions,
  LearningRates,
} from './td3/learner.ts';
export type { AdamState, LearnerState, LinearLayer, NetworkState } from './td3/network-state.ts';
export { type TfjsBackend, type TfjsBackendName, tfjsBackendNames } from './td3/tfjs/backend-names.ts';
export { createTfjsLearner, loadTfjsBackend } from './td3/tfjs/on-demand.ts';
export type { OnProgress, TrainStatus, TrainWarning, WarningCode } from './train/report/progress.ts';
export { createEpisodeSeed, type EpisodeSeed, firstTestSeed } from './train/start/env-seeds.ts';
export { remoteEnvs } from './train/start/remote-envs.ts';
export type {
  BegunOrResumedRun,
  EnvRequest,
  EnvSource,
  LearnerSource,
  MakeEnv,
  NewRun,
  ResumedRun,
  RunSettings,
} from './train/train-request.ts';
