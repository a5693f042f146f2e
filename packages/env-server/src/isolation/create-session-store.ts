import type { Logger } from 'pino';
import type { EnvRegistry } from '../registry.ts';
import { type SessionLimits, SessionStore } from '../session/session-store.ts';
import { createSessionEnvs, type HostingOptions } from './create-session-envs.ts';

/** A server's sessions without a server: environments in this thread, in others or in processes, as registered. */
export function createSessionStore(
  registry: EnvRegistry,
  options: SessionLimits & HostingOptions,
  log: Logger,
): SessionStore {
  return new SessionStore(registry, options, log, createSessionEnvs(options, log));
}
