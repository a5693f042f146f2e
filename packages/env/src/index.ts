export { ResolvedArguments } from './arguments.ts';
export type { CallLimits } from './call-limits.ts';
export type { Env, EnvResetOptions } from './env.ts';
export type { MaybePromise } from './maybe-promise.ts';
export type { EnvRegistration, Isolation, ListedMembers, RegistrationModule } from './registration.ts';
export { isolations } from './registration.ts';
export { createRandomGenerator } from './seeding/create-random-generator.ts';
export type { RandomGenerator } from './seeding/random-generator.ts';
