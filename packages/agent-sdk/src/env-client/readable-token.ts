import { GymwireError } from '@gymwire/protocol';
import { isLoopbackAddress } from '@gymwire/protocol/wire';
import type { ResolvedConnectOptions } from './connect-options.ts';

/**
 * A token is shown with every call: on the way to another machine anybody could read it, and use it.
 * @throws GymwireError INVALID_ARGUMENT for a token that would leave this machine without TLS, unless that was asked for
 */
export function refuseReadableToken(
  address: string,
  { token, tls, insecure }: Pick<ResolvedConnectOptions, 'token' | 'tls' | 'insecure'>,
): void {
  if (token === undefined || tls !== undefined || insecure || isLoopbackAddress(address)) return;
  throw new GymwireError(
    'INVALID_ARGUMENT',
    `token: on the way to ${address} it could be read: encrypt (tls; --tls or --ca on the command line), ` +
      'or say that the network itself is trusted (insecure: true; --insecure)',
  );
}
