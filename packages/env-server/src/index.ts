// For who writes an environment and serves it: one import for both.
export {
  createRandomGenerator,
  type Env,
  type EnvRegistration,
  type EnvResetOptions,
  type MaybePromise,
  type RandomGenerator,
  ResolvedArguments,
} from '@gymwire/env';
export type { ServerTls } from '@gymwire/grpc-host';
export { createSessionStore } from './isolation/create-session-store.ts';
export { type RegistrationsOptions, registrationsFrom } from './isolation/registrations-from.ts';
export { createEnvRegistry, type EnvRegistry } from './registry.ts';
export type { EnvServer } from './server.ts';
export { startEnvServer } from './server.ts';
export type { EnvServerOptions } from './server-options.ts';
export { Session } from './session/session.ts';
export { type SessionLimits, SessionStore } from './session/session-store.ts';
