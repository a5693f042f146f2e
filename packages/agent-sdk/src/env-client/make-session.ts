import { isDeepStrictEqual } from 'node:util';
import {
  decodeSessionDescription,
  encodeSessionOptions,
  type SessionDescription,
  type SessionOptions,
  type wire,
} from '@gymwire/protocol';
import type { EnvChannel } from './env-channel.ts';

/** @throws GymwireError with the server's code, SERVER_UNAVAILABLE, DEADLINE_EXCEEDED … */
export async function makeSession(channel: EnvChannel, options: SessionOptions): Promise<SessionDescription> {
  const request = encodeSessionOptions(options);
  const reply = await channel.call<wire.MakeSessionResponse>(
    'MakeSession',
    channel.options.callDeadlineMs,
    (client, ...rest) => client.makeSession(request, ...rest),
  );
  return decodeSessionDescription(reply);
}

/** Whether one session can stand in for another: what a learner or a user relies on is the same. */
export function isSameKind(a: SessionDescription, b: SessionDescription): boolean {
  const kind = ({ observationSpace, actionSpace, numEnvs, autoresetMode, spec }: SessionDescription) => {
    const { id, maxEpisodeSteps, arguments: args } = spec;
    const values = args.map(({ name, defaultValue }) => ({ name, defaultValue }));
    return { observationSpace, actionSpace, numEnvs, autoresetMode, id, maxEpisodeSteps, values };
  };
  return isDeepStrictEqual(kind(a), kind(b));
}
