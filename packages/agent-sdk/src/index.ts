export { readPolicyFile, writePolicyFile } from './checkpoint/policy-file.ts';
export type { Action } from './env-client/action-encoding.ts';
export type { ClientTls } from './env-client/client-credentials.ts';
export type { ConnectOptions, OnReconnect, ReconnectEvent } from './env-client/connect-options.ts';
export {
  connect,
  type EnvConnection,
  type MakeOptions,
  type MakeVectorOptions,
} from './env-client/connection.ts';
export type { EnvClient } from './env-client/env-client.ts';
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
export type { VectorEnvClient } from './env-client/vector-env-client.ts';
export { wireArguments } from './env-client/wire-arguments.ts';
export * from './errors.ts';
export {
  type EvaluatePolicyRequest,
  type EvaluationSettings,
  evaluatePolicy,
  type PlayedPolicy,
} from './evaluation/evaluate-policy.ts';
export {
  checkObservationLayout,
  type EnvChanges,
  makeTrainedEnv,
  type TrainedOn,
} from './evaluation/make-trained-env.ts';
export type { ResolvedTrainOptions, ResumeOptions, TrainOptions } from './generated/train-options.ts';
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
export { resolveTrainOptions } from './options/resolve-options.ts';
export { ActionScaler } from './policy/action-scaler.ts';
export type { Actor } from './policy/actor.ts';
export { ActorPolicy } from './policy/actor-policy.ts';
export { NetworkActor } from './policy/network-actor.ts';
export type { Policy, PolicyMemory, PolicyState } from './policy/policy.ts';
export type * from './policy/policy-snapshot.ts';
export { createSnapshotPolicy } from './policy/snapshot-policy.ts';
export * from './random/random-stream.ts';
export * from './replay/batch.ts';
export * from './replay/replay-buffer.ts';
export {
  type EvaluateOptions,
  type EvaluationProgress,
  type EvaluationResult,
  evaluate,
} from './rollout/evaluate.ts';
export { createFlattener, type Flattener, readActionBounds } from './rollout/flatten.ts';
export type * from './rollout/vector-env.ts';
export { isCancelled, isEpisodeLoss } from './rollout/vector-env.ts';
export {
  type BrokenEpisodeMetrics,
  type EpisodeMetrics,
  type EvaluationMetrics,
  type IntervalTiming,
  type MetricsLine,
  metricsDictionary,
  type TimingLine,
  type TrainingMetrics,
} from './run-folder/metrics.ts';
export {
  type RunSummary,
  readRunPolicy,
  readRunSummary,
  runFileNames,
  runFilePath,
} from './run-folder/run-folder.ts';
export {
  type LearnerName,
  type LearnerThreads,
  learnerNames,
  learnerThreadCounts,
} from './td3/choose-learner.ts';
export { type CompiledLearnerSettings, createCompiledLearner } from './td3/compiled/compiled-learner.ts';
export { createInitialState, type NetworkSizes } from './td3/initial-state.ts';
export type * from './td3/learner.ts';
export type * from './td3/network-state.ts';
export { type TfjsBackend, type TfjsBackendName, tfjsBackendNames } from './td3/tfjs/backend-names.ts';
export { createTfjsLearner, loadTfjsBackend } from './td3/tfjs/on-demand.ts';
export type {
  OnProgress,
  ProgressEvent,
  TrainStatus,
  TrainWarning,
  WarningCode,
} from './train/report/progress.ts';
export { firstTestSeed } from './train/start/env-seeds.ts';
export { remoteEnvs } from './train/start/remote-envs.ts';
export { train } from './train/train.ts';
export type {
  EnvRequest,
  EnvSource,
  LearnerSource,
  MakeEnv,
  NewRun,
  ResumedRun,
  RunSettings,
  TrainRequest,
  TrainResult,
} from './train/train-request.ts';
