export type { Action } from './env-client/action-encoding.ts';
export {
  type ConnectOptions,
  connect,
  type EnvConnection,
  type MakeOptions,
  type MakeVectorOptions,
} from './env-client/connection.ts';
export type { EnvClient } from './env-client/env-client.ts';
export type { VectorEnvClient } from './env-client/vector-env-client.ts';
export * from './errors.ts';
export { ActorPolicy } from './policy/actor-policy.ts';
export type * from './policy/policy-snapshot.ts';
export * from './random/random-stream.ts';
export * from './replay/batch.ts';
export * from './replay/replay-buffer.ts';
export { ActionScaler } from './rollout/action-scaler.ts';
export type * from './rollout/vector-env.ts';
export { type CompiledLearnerSettings, createCompiledLearner } from './td3/compiled/compiled-learner.ts';
export { createInitialState, type NetworkSizes } from './td3/initial-state.ts';
export type * from './td3/learner.ts';
export type * from './td3/network-state.ts';
export {
  loadTfjsBackend,
  type TfjsBackend,
  type TfjsBackendName,
  tfjsBackendNames,
} from './td3/tfjs/backend.ts';
export { createTfjsLearner } from './td3/tfjs/tfjs-learner.ts';
