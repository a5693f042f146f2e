/** Listed methods and attributes of a session's environments, of all or of those that a request names. */

import { type MaybePromise } from '@gymwire/env';
import { chain } from '@gymwire/env/host';
import {
  type AttributeRead,
  type CallOutcome,
  type EnvSpec,
  GymwireError,
  type MethodCall,
  type Value,
} from '@gymwire/protocol';
import { expectListed } from '../listed-members.ts';
import type { Accessed } from '../slots/access-member.ts';
import type { SessionEnvs } from '../slots/session-envs.ts';

/** @throws GymwireError UNSUPPORTED, INVALID_ARGUMENT before anything is called */
export function callListed(envs: SessionEnvs, spec: EnvSpec, call: MethodCall): MaybePromise<CallOutcome> {
  const { name, arguments: given = [], keywordArguments } = call;
  expectListed('call', name, spec.id, spec.methods);
  const args = keywordArguments === undefined ? given : [...given, keywordArguments];
  const envIndices = indicesOf('call', call, envs.count);
  return chain(envs.access({ envIndices, name, arguments: args }), outcomeOf);
}

/** @throws GymwireError UNSUPPORTED, INVALID_ARGUMENT, and the first fault of the environments */
export function readListed(
  envs: SessionEnvs,
  spec: EnvSpec,
  read: AttributeRead,
): MaybePromise<readonly Value[]> {
  const { name } = read;
  expectListed('read', name, spec.id, spec.attributes);
  const envIndices = indicesOf('read', read, envs.count);
  return chain(envs.access({ envIndices, name, arguments: undefined }), (accessed) => {
    const { results, fault } = outcomeOf(accessed);
    if (fault !== undefined) throw fault;
    return results;
  });
}

function indicesOf(what: string, { envIndices }: AttributeRead, count: number): readonly number[] {
  if (envIndices === undefined) return Array.from({ length: count }, (_, i) => i);
  if (envIndices.every((index, i) => index < count && (i === 0 || index > envIndices[i - 1])))
    return envIndices;
  throw new GymwireError(
    'INVALID_ARGUMENT',
    `${what}: expected indices of ${count} environments, ascending, got [${envIndices.join(', ')}]`,
  );
}

function outcomeOf(accessed: readonly Accessed[]): CallOutcome {
  const results: Value[] = [];
  for (const { value, fault } of accessed) {
    if (fault !== undefined) return { fault };
    results.push(value);
  }
  return { results };
}
