/** Certificates as given → TLS, with a word about what is wrong before the first client finds out. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { TlsOptions } from 'node:tls';
import { GymwireError, optionsFault } from '@gymwire/protocol';

/** A server's certificate and key, and which clients it takes. */
export interface ServerTls {
  /** The server's certificate, PEM, followed by those between it and the one that clients trust. */
  readonly certificate: string;
  /** PEM, not encrypted. */
  readonly privateKey: string;
  /** Clients must show a certificate that one of these, PEM, has signed. Absent: they show none. */
  readonly clientCa?: string;
}

/** A misspelt `clientCa` would let everybody in. */
const names = Object.keys({
  certificate: true,
  privateKey: true,
  clientCa: true,
} satisfies Record<keyof ServerTls, true>);

/** @returns for Node; undefined: no TLS. @throws GymwireError INVALID_ARGUMENT */
export function createTlsOptions(tls: ServerTls | undefined): TlsOptions | undefined {
  if (tls === undefined) return undefined;
  const fault = optionsFault('tls', tls, names, '{ certificate, privateKey }');
  if (fault !== undefined) throw new GymwireError('INVALID_ARGUMENT', fault);
  const { certificate, privateKey, clientCa } = tls;
  const leaf = parse('tls.certificate', 'a certificate as PEM', () => new X509Certificate(certificate));
  const key = parse('tls.privateKey', 'an unencrypted private key as PEM', () =>
    createPrivateKey(privateKey),
  );
  if (!leaf.checkPrivateKey(key)) {
    throw new GymwireError('INVALID_ARGUMENT', 'tls.privateKey: not the key of tls.certificate');
  }
  if (clientCa !== undefined) {
    parse('tls.clientCa', 'a certificate as PEM', () => new X509Certificate(clientCa));
  }
  const shown = { cert: certificate, key: privateKey, minVersion: 'TLSv1.2' } as const;
  if (clientCa === undefined) return shown;
  return { ...shown, ca: clientCa, requestCert: true, rejectUnauthorized: true };
}

/** OpenSSL's own words say what is wrong, never what the key is. */
function parse<T>(option: string, expected: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new GymwireError('INVALID_ARGUMENT', `${option}: expected ${expected}: ${reason}`);
  }
}
