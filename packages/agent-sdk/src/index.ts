export type * from './policy/policy-snapshot.ts';
export type * from './rollout/vector-env.ts';
export type * from './td3/learner.ts';
export type * from './td3/network-state.ts';
