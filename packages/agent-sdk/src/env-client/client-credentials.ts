/** What a client shows and what it trusts → gRPC credentials and headers. */
import { ChannelCredentials, type ChannelOptions, Metadata } from '@grpc/grpc-js';
import { GymwireError } from '@gymwire/protocol';
import { createTlsCredentials } from '@gymwire/protocol/wire';

/** What a client trusts and shows where the connection is encrypted. */
export interface ClientTls {
  /** PEM of those who may have signed the server's certificate; default: whom Node trusts. */
  readonly ca?: string;
  /** PEM, for a server that asks clients for one; `privateKey` belongs to it. */
  readonly certificate?: string;
  /** PEM, not encrypted; that of `certificate`. */
  readonly privateKey?: string;
  /** The name in the server's certificate, where it is not the host that is connected to. */
  readonly serverName?: string;
}

/** The names of all of them. */
export const tlsNames = Object.keys({
  ca: true,
  certificate: true,
  privateKey: true,
  serverName: true,
} satisfies Record<keyof ClientTls, true>);

/** @throws GymwireError INVALID_ARGUMENT for what is no PEM, or a key without its certificate */
export function createChannelCredentials(tls: ClientTls | undefined, address: string): ChannelCredentials {
  if (tls === undefined) return ChannelCredentials.createInsecure();
  const { certificate, privateKey } = tls;
  if ((certificate === undefined) !== (privateKey === undefined)) {
    throw new GymwireError('INVALID_ARGUMENT', 'tls: certificate and privateKey belong together');
  }
  try {
    return createTlsCredentials(tls, address);
  } catch (error) {
    if (error instanceof GymwireError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new GymwireError('INVALID_ARGUMENT', `tls: expected certificates and keys as PEM: ${reason}`);
  }
}

export function tlsChannelOptions(tls: ClientTls | undefined): ChannelOptions {
  if (tls?.serverName === undefined) return {};
  return {
    'grpc.ssl_target_name_override': tls.serverName,
    'grpc.default_authority': tls.serverName,
  };
}

/** @throws GymwireError INVALID_ARGUMENT for a token that fits in no header; the message never holds it */
export function createCallMetadata(token: string | undefined): Metadata {
  const metadata = new Metadata();
  const trimmed = token?.trim();
  if (trimmed === undefined) return metadata;
  if (!/^[\x21-\x7e]+$/.test(trimmed)) {
    throw new GymwireError('INVALID_ARGUMENT', 'token: expected visible ASCII characters, at least one');
  }
  metadata.set('authorization', `Bearer ${trimmed}`);
  return metadata;
}
