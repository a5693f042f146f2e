/**
 * TLS of clients. A certificate may hold for an IP address; SNI may not (RFC 6066), and from Node 26 on, grpc-js, which
 * takes the host for it whatever it is, throws. So for addresses the handshake is ours, without SNI, and the certificate
 * is held against the address as ever.
 */
import { X509Certificate } from 'node:crypto';
import { isIP, type Socket } from 'node:net';
import { connect, createSecureContext, type SecureContext } from 'node:tls';
import { CallCredentials, ChannelCredentials } from '@grpc/grpc-js';
import { GymwireError } from '../errors.ts';
import { messageOf } from '../thrown.ts';
import { parseServerAddress, withoutTls } from './server-address.ts';

/** What a client trusts and shows, as PEM, and the name that it expects. */
export interface TlsPem {
  /** Authorities; default: those that Node trusts. */
  readonly ca?: string;
  readonly certificate?: string;
  readonly privateKey?: string;
  /** In the server's certificate; default: the host of its address. */
  readonly serverName?: string;
}

/**
 * Returns gRPC's credentials for a server whose certificate must hold for its host, which may be an IP address.
 * @throws GymwireError INVALID_ARGUMENT for an address that is none, or has no TLS, and for authorities that are no PEM; Error for what
 * else is none
 */
export function createTlsCredentials(tls: TlsPem, address: string): ChannelCredentials {
  const target = parseServerAddress(address, true);
  if (target.kind !== 'tcp') throw withoutTls('server address', target.text);
  const { ca, certificate, privateKey, serverName: name = target.host } = tls;
  if (ca !== undefined) expectCertificates(ca, 'tls: ca');
  if (isIP(name) === 0) return ChannelCredentials.createSsl(bytes(ca), bytes(privateKey), bytes(certificate));
  return new CredentialsForIp(createSecureContext({ ca, cert: certificate, key: privateKey }), name);
}

/** Node takes any text for authorities, and then trusts nobody. @param what names it @throws GymwireError INVALID_ARGUMENT */
export function expectCertificates(pem: string, what: string): void {
  try {
    new X509Certificate(pem);
  } catch (cause) {
    throw new GymwireError('INVALID_ARGUMENT', `${what}: expected certificates as PEM: ${messageOf(cause)}`, {
      cause,
    });
  }
}

function bytes(pem: string | undefined): Buffer | null {
  return pem === undefined ? null : Buffer.from(pem);
}

class CredentialsForIp extends ChannelCredentials {
  readonly #secureContext: SecureContext;
  readonly #address: string;

  constructor(secureContext: SecureContext, address: string) {
    super();
    this.#secureContext = secureContext;
    this.#address = address;
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  override _createSecureConnector(
    ...[, , callCredentials = CallCredentials.createEmpty()]: Parameters<
      ChannelCredentials['_createSecureConnector']
    >
  ): ReturnType<ChannelCredentials['_createSecureConnector']> {
    return {
      connect: async (socket) => ({ socket: await this.#shakeHands(socket), secure: true }),
      waitForReady: () => Promise.resolve(),
      getCallCredentials: () => callCredentials,
      destroy: () => undefined,
    };
  }

  /** Node holds the certificate against `host`, where no name is given. */
  #shakeHands(socket: Socket): Promise<Socket> {
    const secureContext = this.#secureContext;
    const options = { socket, host: this.#address, secureContext, ALPNProtocols: ['h2'] };
    return new Promise((resolve, reject) => {
      const secure = connect(options, () => resolve(secure));
      secure.on('error', reject);
    });
  }
}
