// The front door: connect, train, evaluate, and what comes of it. All else, for those who put a training together
// themselves, is in `./parts`.
export type { Action } from './env-client/action-encoding.ts';
export type { ConnectOptions, ReconnectEvent } from './env-client/connect-options.ts';
export {
  connect,
  type EnvConnection,
  type MakeOptions,
  type MakeVectorOptions,
  type RemoteVectorEnv,
} from './env-client/connection.ts';
export type { ConnectionEvent, FleetEvent } from './env-client/connection-event.ts';
export type { EnvClient } from './env-client/env-client.ts';
export type { VectorEnvClient } from './env-client/vector-env-client.ts';
export { AgentError, type AgentErrorCode } from './errors.ts';
export { type EvaluatePolicyRequest, evaluatePolicy } from './evaluation/evaluate-policy.ts';
export { connectFleet, type FleetConnection } from './fleet/connect-fleet.ts';
export type { FleetMode, FleetOptions } from './fleet/fleet-options.ts';
export type { FleetServers } from './fleet/server-list.ts';
export type { TrainOptions } from './generated/train-options.ts';
export type { Policy } from './policy/policy.ts';
export type { PolicySnapshot } from './policy/policy-snapshot.ts';
export { createSnapshotPolicy } from './policy/snapshot-policy.ts';
export type { EvaluationResult } from './rollout/evaluate.ts';
export { type RunSummary, readRunPolicy, readRunSummary } from './run-folder/run-files.ts';
export type { LearnerName } from './td3/choose-learner.ts';
export type { ProgressEvent } from './train/report/progress.ts';
export { train } from './train/train.ts';
export type { TrainRequest, TrainResult } from './train/train-request.ts';
