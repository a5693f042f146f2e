/**
 * Calls into code that is not ours. Whatever it does there, throw a symbol or return a proxy that throws, ends in one
 * error of the request at hand: no other session notices.
 */

import type { MaybePromise } from '@gymwire/env';
import { packError, unpackError } from '@gymwire/env/host';
import { type ErrorCode, GymwireError } from '@gymwire/protocol';
import { placeOf } from './place-of.ts';

/**
 * @param what names the call in the error: "step"
 * @throws GymwireError ENV_FAILED with the simulator's own message; its own coded errors pass
 */
export function callUserCode<T>(what: string, call: () => MaybePromise<T>): MaybePromise<T> {
  try {
    const result = call();
    return isThenable(result) ? settled(what, result) : result;
  } catch (thrown) {
    throw simulatorFault(what, thrown);
  }
}

/** What user code promised, a fault of it as `callUserCode` throws it. */
export function settled<T>(what: string, promise: PromiseLike<T>): Promise<T> {
  return Promise.resolve(promise).catch((thrown: unknown) => {
    throw simulatorFault(what, thrown);
  });
}

/** Also promises of other libraries and realms. */
export function isThenable<T>(value: MaybePromise<T> | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/**
 * What an environment may say of a request. The other codes are this server's, or those of a client that an
 * environment has in it: SESSION_GONE, passed on, would make the client of this session give it up.
 */
const codesOfSimulators: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'UNKNOWN_ENV',
  'UNKNOWN_ARGUMENT',
  'INVALID_ARGUMENT',
  'CAPACITY',
  'BAD_ACTION',
  'NON_FINITE_ACTION',
  'ACTION_OUT_OF_BOUNDS',
  'ENV_FAILED',
  'NON_FINITE_OBSERVATION',
  'UNSUPPORTED',
]);

/** An error that can be logged and sent, whatever was thrown; a GymwireError if it was one that is an environment's to throw. */
export function tamed(thrown: unknown): Error {
  const tame = unpackError(packError(thrown));
  if (!(tame instanceof GymwireError) || codesOfSimulators.has(tame.code)) return tame;
  return new Error(`${tame.code}: ${tame.message}`, { cause: tame });
}

export function simulatorFault(what: string, thrown: unknown): GymwireError {
  const tame = tamed(thrown);
  if (tame instanceof GymwireError) return tame;
  return new GymwireError('ENV_FAILED', `${what}: the simulator failed: ${blamed(tame)}`, { cause: tame });
}

/** What it says, with the file and line that threw it. */
export function blamed(error: Error): string {
  const place = placeOf(error);
  return place === undefined ? error.message : `${error.message} (${place})`;
}
