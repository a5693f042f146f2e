export { ResolvedArguments } from './arguments.ts';
export type * from './env.ts';
export { builtinEnvs } from './envs/builtin-envs.ts';
export { conformanceEnv } from './envs/conformance/conformance-env.ts';
export {
  createMountainCarContinuous,
  type MountainCarContinuousArguments,
} from './envs/mountain-car-continuous.ts';
export { createPendulum, type PendulumArguments } from './envs/pendulum.ts';
export { createSessionStore } from './isolation/create-session-store.ts';
export { type RegistrationsOptions, registrationsFrom } from './isolation/registrations-from.ts';
export type { MaybePromise } from './maybe-promise.ts';
export * from './mujoco/index.ts';
export * from './registry.ts';
export * from './robot/index.ts';
export type { ServerTls } from './security/server-tls.ts';
export { createRandomGenerator } from './seeding/create-random-generator.ts';
export type * from './seeding/random-generator.ts';
export type { EnvServer } from './server.ts';
export { startEnvServer } from './server.ts';
export type { EnvServerOptions } from './server-options.ts';
export { Session } from './session/session.ts';
export { type SessionLimits, SessionStore } from './session/session-store.ts';
