import { randomBytes } from 'node:crypto';
import type { EnvRegistration } from '@gymwire/env';
import { argumentDefaults } from '@gymwire/env/host';
import type { AutoresetMode, SessionDescription, SessionOptions } from '@gymwire/protocol';
import { specOf } from '../registry.ts';
import type { SessionEnvs } from '../slots/session-envs.ts';

/** What the options leave to the registration and to Gymnasium's defaults. */
export function sessionRules(
  registration: EnvRegistration,
  options: SessionOptions,
): { maxEpisodeSteps: number | undefined; autoresetMode: AutoresetMode; isVector: boolean } {
  const limit = options.maxEpisodeSteps ?? registration.maxEpisodeSteps;
  const isVector = options.numEnvs !== undefined;
  return {
    maxEpisodeSteps: limit === 0 ? undefined : limit,
    autoresetMode: isVector ? (options.autoresetMode ?? 'next-step') : 'disabled',
    isVector,
  };
}

export function describeSession(
  registration: EnvRegistration,
  options: SessionOptions,
  { observationSpace, actionSpace }: SessionEnvs,
  idleTimeoutMs: number,
): SessionDescription {
  const { maxEpisodeSteps: _, ...spec } = specOf(registration);
  const { maxEpisodeSteps, autoresetMode } = sessionRules(registration, options);
  return {
    sessionId: randomBytes(18).toString('base64url'),
    observationSpace,
    actionSpace,
    spec: {
      ...spec,
      arguments: argumentDefaults(spec.arguments, options.arguments ?? {}),
      ...(maxEpisodeSteps === undefined ? {} : { maxEpisodeSteps }),
    },
    ...(options.numEnvs === undefined ? {} : { numEnvs: options.numEnvs }),
    autoresetMode,
    outOfBoundsRule: options.outOfBoundsRule ?? 'pass',
    renderMode: options.renderMode ?? '',
    idleTimeoutMs,
  };
}
