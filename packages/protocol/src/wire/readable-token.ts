import { GymwireError } from '../errors.ts';
import { isLoopbackAddress } from './server-address.ts';

/** What a client shows on its way to a server, as far as a token's safety goes. */
export interface ShownToken {
  readonly token?: string | undefined;
  /** Anything where the way is encrypted. */
  readonly tls?: object | undefined;
  /** The network itself is trusted. */
  readonly insecure?: boolean | undefined;
}

/**
 * Refuses a token that would leave this machine without TLS, unless that was asked for: it is shown with every call, and on the
 * way to another machine anybody could read it, and use it.
 * @throws GymwireError INVALID_ARGUMENT
 */
export function refuseReadableToken(address: string, { token, tls, insecure }: ShownToken): void {
  if (token === undefined || tls !== undefined || insecure === true || isLoopbackAddress(address)) return;
  throw new GymwireError(
    'INVALID_ARGUMENT',
    `token: on the way to ${address} it could be read: encrypt (tls; --tls or --ca on the command line), ` +
      'or say that the network itself is trusted (insecure: true; --insecure)',
  );
}
