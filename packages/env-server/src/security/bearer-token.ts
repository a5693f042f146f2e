/** Who may call: `authorization: Bearer <token>` on every call, checked before a byte of the request is read. */
import { createHash, timingSafeEqual } from 'node:crypto';
import {
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  ServerListenerBuilder,
} from '@grpc/grpc-js';
import { GymwireError, toStatus } from '@gymwire/protocol';

/** RFC 6750's b64token: what may stand in the header as it is. */
const tokenPattern = /^[A-Za-z0-9._~+/-]+=*$/;
const minTokenLength = 16;

/**
 * @returns the token without white space around it
 * @throws GymwireError INVALID_ARGUMENT; the message never holds the token
 */
export function checkToken(token: string): string {
  const trimmed = token.trim();
  if (trimmed.length >= minTokenLength && tokenPattern.test(trimmed)) return trimmed;
  const got = tokenPattern.test(trimmed) ? `${trimmed.length}` : 'other characters, or none';
  throw new GymwireError(
    'INVALID_ARGUMENT',
    `token: expected at least ${minTokenLength} characters out of A-Z a-z 0-9 - . _ ~ + / =, got ${got}`,
  );
}

/** Probes of orchestrators carry no token, and learn no more from it than from the open port. */
const openService = '/grpc.health.v1.Health/';

/** The same words for no token and a wrong one. */
const refusal = toStatus(new GymwireError('UNAUTHENTICATED', 'this server asks for a token'));

/** Refuses calls without the token. Costs a comparison a call, whatever a stream carries afterwards. */
export function createTokenInterceptor(token: string): ServerInterceptor {
  const expected = digest(`Bearer ${token}`);
  const isKnown = (header: unknown) => {
    // Of equal length, so that the comparison takes the same time whatever came.
    return typeof header === 'string' && timingSafeEqual(digest(header), expected);
  };
  return (method, call: ServerInterceptingCallInterface) => {
    if (method.path.startsWith(openService)) return new ServerInterceptingCall(call);
    return new ServerInterceptingCall(call, {
      start(next) {
        const listener = new ServerListenerBuilder()
          .withOnReceiveMetadata((metadata, go) => {
            const headers = metadata.get('authorization');
            metadata.remove('authorization');
            if (headers.length === 1 && isKnown(headers[0])) go(metadata);
            else call.sendStatus(refusal);
          })
          .build();
        next(listener);
      },
    });
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
