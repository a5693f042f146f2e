/** Who may call: `authorization: Bearer <token>` on every call. Clients and operators have tokens of their own. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Metadata } from '@grpc/grpc-js';
import { GymwireError } from '@gymwire/protocol';
import { toStatus } from '@gymwire/protocol/wire';
import type { Admit } from '../service/gate.ts';

/** RFC 6750's b64token: what may stand in the header as it is. */
const tokenPattern = /^[A-Za-z0-9._~+/-]+=*$/;
const minTokenLength = 16;

/**
 * @param option for the message
 * @returns the token without white space around it
 * @throws GymwireError INVALID_ARGUMENT; the message never holds the token
 */
export function checkToken(option: 'token' | 'operatorToken', token: string): string {
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
const operatorService = '/gymwire.v1.OperatorService/';

/** The same words for no token and a wrong one. */
const refusal = toStatus(new GymwireError('UNAUTHENTICATED', 'this server asks for a token'));

export interface Tokens {
  /** Of clients; undefined: they need none. */
  readonly token: string | undefined;
  /** Of operators; undefined: their service is not offered. */
  readonly operatorToken: string | undefined;
}

/** Costs a comparison a call, whatever a stream carries afterwards. */
export function createTokenCheck({ token, operatorToken }: Tokens): Admit {
  const clients = token === undefined ? undefined : createComparison(token);
  const operators = operatorToken === undefined ? undefined : createComparison(operatorToken);
  return (path, metadata) => {
    if (path.startsWith(openService)) return undefined;
    const headers = metadata.get('authorization');
    metadata.remove('authorization');
    const isAdmitted = path.startsWith(operatorService) ? (operators ?? nobody) : (clients ?? everybody);
    return isAdmitted(headers) ? undefined : refusal;
  };
}

type Headers = ReturnType<Metadata['get']>;

const nobody = () => false;
const everybody = () => true;

/** Of hashes, which are of equal length, so that it takes the same time whatever came. */
function createComparison(token: string): (headers: Headers) => boolean {
  const expected = digest(`Bearer ${token}`);
  return ([header, ...others]) =>
    typeof header === 'string' && others.length === 0 && timingSafeEqual(digest(header), expected);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
