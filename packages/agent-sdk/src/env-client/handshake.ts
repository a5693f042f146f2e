/** The first call on a new channel: who is there, and do both speak the same protocol. */
import { GymwireError, packageVersion, protocolVersion, type ServerDescription } from '@gymwire/protocol';
import { type wire } from '@gymwire/protocol/wire';
import { diagnoseTls } from './diagnose-tls.ts';
import type { EnvChannel } from './env-channel.ts';

/** "host:port", "[::1]:port", or a gRPC target of Unix sockets or DNS. A port left away would mean 443. */
const addressPattern = /^(unix(-abstract)?:.+|(dns:\/\/\/)?[^\s/]+:\d{1,5})$/;

/** @throws GymwireError INVALID_ARGUMENT */
export function checkAddress(address: string): void {
  const isUnix = address.startsWith('unix');
  if (addressPattern.test(address) && (isUnix || Number(/\d+$/.exec(address)) <= 65_535)) return;
  throw new GymwireError(
    'INVALID_ARGUMENT',
    `server address: expected host:port such as 127.0.0.1:50051, got ${JSON.stringify(address)}`,
  );
}

/** @throws GymwireError SERVER_UNAVAILABLE, UNAUTHENTICATED, TLS_FAILED, VERSION_MISMATCH, NOT_GYMWIRE, DEADLINE_EXCEEDED */
export async function shakeHands(channel: EnvChannel): Promise<ServerDescription> {
  const request = { protocolVersion: { ...protocolVersion }, client: `gymwire-agent-sdk/${packageVersion}` };
  const { address, options } = channel;
  try {
    const reply = await channel.call<wire.HandshakeResponse>(
      'Handshake',
      options.connectTimeoutMs,
      (client, ...rest) => client.handshake(request, ...rest),
    );
    return checkVersion(reply, address);
  } catch (error) {
    const where = `Handshake at ${address}`;
    if (!isUnheard(error, where)) throw error;
    const fault = await diagnoseTls(address, options.tls, options.connectTimeoutMs);
    if (fault === undefined) throw explain(error, where, address);
    throw new GymwireError('TLS_FAILED', `${where}: ${fault}`, { cause: error });
  }
}

/** No gymwire server said this. */
function isUnheard(error: unknown, where: string): boolean {
  return error instanceof GymwireError && error.message.startsWith(where) && error.code !== 'UNAUTHENTICATED';
}

function explain(error: unknown, where: string, address: string): unknown {
  if (isStranger(error, where)) {
    const message = `something answers at ${address}, but it is no gymwire server: ${error.message}`;
    return new GymwireError('NOT_GYMWIRE', message, { cause: error });
  }
  if (error instanceof GymwireError && error.code === 'SERVER_UNAVAILABLE') {
    const message = `${error.message}; is a server running there? (gymwire serve starts one)`;
    return new GymwireError(error.code, message, { cause: error });
  }
  return error;
}

/** What only says that nobody is there, or nobody who can be heard. */
const silence: ReadonlySet<string> = new Set([
  'SERVER_UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'CANCELLED',
  'UNAUTHENTICATED',
]);

/**
 * A gymwire server gives its reasons itself; grpc-js's begin with where they come from. "Protocol error" is its
 * word for an answer that is not HTTP/2; one that is may fail in many ways.
 */
function isStranger(error: unknown, where: string): error is GymwireError {
  if (!(error instanceof GymwireError) || !error.message.startsWith(where)) return false;
  return !silence.has(error.code) || error.message.includes('Protocol error');
}

function checkVersion(reply: wire.HandshakeResponse, address: string): ServerDescription {
  const { server, capabilities, maxMessageBytes, maxNumEnvs } = reply;
  const spoken = reply.protocolVersion ?? { major: 0, minor: 0 };
  if (spoken.major !== protocolVersion.major) {
    throw new GymwireError(
      'VERSION_MISMATCH',
      `the server ${server} at ${address} speaks protocol ${spoken.major}.${spoken.minor}, ` +
        `this client (gymwire ${packageVersion}) ${protocolVersion.major}.${protocolVersion.minor}`,
    );
  }
  return { protocolVersion: spoken, server, capabilities, maxMessageBytes, maxNumEnvs };
}
