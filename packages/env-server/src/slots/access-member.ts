/** A listed method or attribute of a simulator: asked for, and what came read as a value of the server's own. */

import type { Env, MaybePromise } from '@gymwire/env';
import { chain } from '@gymwire/env/host';
import { GymwireError, refuseForeign, takeValue, type Value } from '@gymwire/protocol';
import type { ReplyBudget } from './reply-budget.ts';
import { callUserCode } from './user-code.ts';

/** The answer of one environment: what came, or what it failed with. */
export type Accessed =
  | { readonly value: Value; readonly fault?: undefined }
  | { readonly value?: undefined; readonly fault: GymwireError };

/**
 * Never throws or rejects: a fault is an answer.
 * @param args undefined: reads an attribute
 * @param budget what it gives is held to, before it is copied
 */
export function accessMember(
  env: Env,
  name: string,
  args: readonly Value[] | undefined,
  budget: ReplyBudget,
): MaybePromise<Accessed> {
  const where = args === undefined ? `read ${name}` : `call ${name}`;
  const failed = (thrown: unknown): Accessed => ({ fault: thrown as GymwireError });
  try {
    const given = callUserCode(where, () => memberOf(env, name, args));
    const read = chain(given, (value) => readGiven(value, where, budget));
    return read instanceof Promise ? read.catch(failed) : read;
  } catch (thrown) {
    return failed(thrown);
  }
}

function memberOf(env: Env, name: string, args: readonly Value[] | undefined): unknown {
  const member: unknown = Reflect.get(env, name);
  if (args === undefined) return member;
  if (typeof member === 'function') return Reflect.apply(member, env, args.map(ownCopy));
  throw new GymwireError('UNSUPPORTED', `call: the environment has no method ${name}, though it is listed`);
}

/** A method may write into its arguments, and the next environment gets the same. */
function ownCopy(argument: Value): Value {
  return refuseForeign(takeValue(argument, 'argument'));
}

/** Undefined is null. */
function readGiven(given: unknown, where: string, budget: ReplyBudget): Accessed {
  try {
    const excess = budget.valueExcess(given, 'it');
    if (excess !== undefined) {
      return { fault: new GymwireError('CAPACITY', `${where}: what it gave is too large: ${excess}`) };
    }
    return { value: refuseForeign(takeValue(given ?? null, 'it')) };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return {
      fault: new GymwireError('ENV_FAILED', `${where}: what it gave cannot travel: ${why}`, { cause }),
    };
  }
}
