/** The first call on a new channel: who is there, and do both speak the same protocol. */
import {
  type ErrorCode,
  GymwireError,
  packageVersion,
  protocolVersion,
  type ServerDescription,
} from '@gymwire/protocol';
import { envService, type wire } from '@gymwire/protocol/wire';
import { answersWithoutHttp2 } from './answers-without-http2.ts';
import { describeCall } from './call-unary.ts';
import { diagnoseTls } from './diagnose-tls.ts';
import type { EnvChannel } from './env-channel.ts';

/** The capability of a server whose steps take seeds for the resets that they bring. */
export const stepSeeds = 'step-seeds';

/** @throws GymwireError SERVER_UNAVAILABLE, UNAUTHENTICATED, TLS_FAILED, VERSION_MISMATCH, NOT_GYMWIRE, DEADLINE_EXCEEDED */
export async function shakeHands(channel: EnvChannel): Promise<ServerDescription> {
  const request = { protocolVersion: { ...protocolVersion }, client: `gymwire-agent-sdk/${packageVersion}` };
  const { address, options } = channel;
  try {
    const reply = await channel.call(envService.Handshake, options.connectTimeoutMs, request);
    return checkVersion(reply, address);
  } catch (error) {
    // A gymwire server gives its reasons itself.
    if (!(error instanceof GymwireError) || error.origin !== 'transport') throw error;
    throw await explain(error, channel);
  }
}

/**
 * A server that has come back as an older one would pass over the seeds of steps in silence.
 * @throws GymwireError SESSION_GONE, and as `shakeHands` does
 */
export async function expectStepSeeds(channel: EnvChannel): Promise<void> {
  const { capabilities } = await shakeHands(channel);
  if (capabilities.includes(stepSeeds)) return;
  const message = `the server at ${channel.address} came back as an older one, which takes no seeds with a step`;
  throw new GymwireError('SESSION_GONE', message);
}

/** What only says that nobody is there, or nobody who can be heard. */
const silence: ReadonlySet<ErrorCode> = new Set(['SERVER_UNAVAILABLE', 'DEADLINE_EXCEEDED', 'CANCELLED']);

/** Why no gymwire server answered. */
async function explain(error: GymwireError, { address, options }: EnvChannel): Promise<GymwireError> {
  if (error.code === 'UNAUTHENTICATED') return error;
  const of = { cause: error, origin: error.origin };
  const fault = await diagnoseTls(address, options.tls, options.connectTimeoutMs);
  if (fault !== undefined) {
    return new GymwireError('TLS_FAILED', `${describeCall(envService.Handshake, address)}: ${fault}`, of);
  }
  if (!silence.has(error.code) || (await isOfAnotherProtocol(error, address, options))) {
    const message = `something answers at ${address}, but it is no gymwire server: ${error.message}`;
    return new GymwireError('NOT_GYMWIRE', message, of);
  }
  if (error.code !== 'SERVER_UNAVAILABLE') return error;
  const hint = 'gymwire serve starts one; one that is full may not answer';
  const message = `${error.message}; is a server running there? (${hint})`;
  return new GymwireError(error.code, message, of);
}

/** To gRPC an answer that is not HTTP/2, such as that of a web server, is no answer. */
async function isOfAnotherProtocol(
  { code }: GymwireError,
  address: string,
  { tls, connectTimeoutMs }: EnvChannel['options'],
): Promise<boolean> {
  return code === 'SERVER_UNAVAILABLE' && (await answersWithoutHttp2(address, tls, connectTimeoutMs));
}

function checkVersion(reply: wire.HandshakeResponse, address: string): ServerDescription {
  const { server, capabilities, maxMessageBytes, maxNumEnvs, capacity, freeEnvs } = reply;
  const spoken = reply.protocolVersion ?? { major: 0, minor: 0 };
  if (spoken.major !== protocolVersion.major) {
    throw new GymwireError(
      'VERSION_MISMATCH',
      `the server ${server} at ${address} speaks protocol ${spoken.major}.${spoken.minor}, ` +
        `this client (gymwire ${packageVersion}) ${protocolVersion.major}.${protocolVersion.minor}`,
    );
  }
  return {
    protocolVersion: spoken,
    server,
    capabilities,
    maxMessageBytes,
    maxNumEnvs,
    // A share of none would be an odd thing to ask for.
    ...(typeof capacity === 'number' && capacity > 0 && { capacity }),
    ...(typeof freeEnvs === 'number' && { freeEnvs }),
  };
}
