import { isDeepStrictEqual } from 'node:util';
import {
  type EnvSpec,
  GymwireError,
  type SessionDescription,
  type SessionOptions,
  type ValueDict,
} from '@gymwire/protocol';
import { decodeSessionDescription, encodeSessionOptions, envService } from '@gymwire/protocol/wire';
import type { MadeEnv } from '../rollout/vector-env.ts';
import type { EnvChannel } from './env-channel.ts';
import { expectStepSeeds } from './handshake.ts';

/**
 * @param givesSeeds seeds go with the session's steps: who is there may be another server than before
 * @throws GymwireError with the server's code, SERVER_UNAVAILABLE, DEADLINE_EXCEEDED …
 */
export async function makeSession(
  channel: EnvChannel,
  options: SessionOptions,
  givesSeeds = false,
): Promise<SessionDescription> {
  if (givesSeeds) await expectStepSeeds(channel);
  const request = { ...encodeSessionOptions(options), acceptsPackedInfos: options.numEnvs !== undefined };
  const made = channel.call(envService.MakeSession, channel.options.callDeadlineMs, request);
  return decodeSessionDescription(
    await made.catch((error: unknown) => {
      throw namingServer(error, channel.address);
    }),
  );
}

/** A server does not know by what address it is reached, and whoever has several does not know which one it was. */
function namingServer(error: unknown, address: string): unknown {
  if (!(error instanceof GymwireError) || error.code !== 'UNKNOWN_ENV') return error;
  const { code, message, details, origin } = error;
  return new GymwireError(code, `at ${address}: ${message}`, { details, origin });
}

/** Where it fails, the session is gone or will be. */
export async function closeSession(channel: EnvChannel, sessionId: string): Promise<void> {
  const close = channel.call(envService.CloseSession, channel.options.connectTimeoutMs, { sessionId });
  await close.catch(() => undefined);
}

/** Returns whether one session can stand in for another: what a learner or a user relies on is the same. */
export function isSameKind(a: SessionDescription, b: SessionDescription): boolean {
  const kind = ({ observationSpace, actionSpace, numEnvs, autoresetMode, spec }: SessionDescription) => {
    const { id, maxEpisodeSteps, arguments: args } = spec;
    const values = args.map(({ name, defaultValue }) => ({ name, defaultValue }));
    return { observationSpace, actionSpace, numEnvs, autoresetMode, id, maxEpisodeSteps, values };
  };
  return isDeepStrictEqual(kind(a), kind(b));
}

/** The arguments that were asked for with the values that the session has, and its limit. @param spec the session's */
export function describeMade(
  { arguments: asked = {} }: { readonly arguments?: ValueDict },
  { arguments: specs, maxEpisodeSteps = 0 }: EnvSpec,
): MadeEnv {
  const given = specs.filter(({ name }) => Object.hasOwn(asked, name));
  const values = given.map(({ name, defaultValue }) => [name, defaultValue] as const);
  return { arguments: Object.fromEntries(values), maxEpisodeSteps };
}
