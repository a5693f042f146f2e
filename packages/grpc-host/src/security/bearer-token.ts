/** Who may call: `authorization: Bearer <token>` on every call. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Metadata } from '@grpc/grpc-js';
import { GymwireError } from '@gymwire/protocol';
import { toStatus } from '@gymwire/protocol/wire';
import type { Admit } from '../calls/gate.ts';

/** RFC 6750's b64token: what may stand in the header as it is. */
const tokenPattern = /^[A-Za-z0-9._~+/-]+=*$/;
const minTokenLength = 16;

/**
 * @param option for the message
 * @returns the token without white space around it
 * @throws GymwireError INVALID_ARGUMENT; the message never holds the token
 */
export function checkToken(option: string, token: string): string {
  const trimmed = token.trim();
  if (trimmed.length >= minTokenLength && tokenPattern.test(trimmed)) return trimmed;
  const got = tokenPattern.test(trimmed) ? `${trimmed.length}` : 'other characters, or none';
  throw new GymwireError(
    'INVALID_ARGUMENT',
    `${option}: expected at least ${minTokenLength} characters out of A-Z a-z 0-9 - . _ ~ + / =, got ${got}`,
  );
}

/** Probes of orchestrators carry no token, and learn no more from it than from the open port. */
const openService = '/grpc.health.v1.Health/';

/** The same words for no token and a wrong one. */
const refusal = toStatus(new GymwireError('UNAUTHENTICATED', 'this server asks for a token'));

export interface Tokens {
  /** The token of clients; undefined: they need none. */
  readonly token: string | undefined;
  /** Tokens of services that have one of their own, by how their paths begin: "/gymwire.v1.OperatorService/". */
  readonly ownTokens: ReadonlyMap<string, string>;
  /** The beginnings of paths that nobody may call, since their token was not given. */
  readonly closed: readonly string[];
}

/** Costs a comparison a call, whatever a stream carries afterwards. */
export function createTokenCheck({ token, ownTokens, closed }: Tokens): Admit {
  const clients = token === undefined ? everybody : createComparison(token);
  const others = [
    ...[...ownTokens].map(([start, own]) => ({ start, isAdmitted: createComparison(own) })),
    ...closed.map((start) => ({ start, isAdmitted: nobody })),
  ];
  return (path, metadata) => {
    if (path.startsWith(openService)) return undefined;
    const headers = metadata.get('authorization');
    metadata.remove('authorization');
    const isAdmitted = others.find(({ start }) => path.startsWith(start))?.isAdmitted ?? clients;
    return isAdmitted(headers) ? undefined : refusal;
  };
}

type Headers = ReturnType<Metadata['get']>;

const nobody = () => false;
const everybody = () => true;

/** Returns a comparison of hashes, which are of equal length, so that it takes the same time whatever came. */
function createComparison(token: string): (headers: Headers) => boolean {
  const expected = digest(`Bearer ${token}`);
  return ([header, ...others]) =>
    typeof header === 'string' && others.length === 0 && timingSafeEqual(digest(header), expected);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
