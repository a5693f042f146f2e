/** Calls of methods and reads of attributes ⇄ wire messages. */
import type { AttributeRead, CallOutcome, MethodCall } from '../calls.ts';
import { GymwireError } from '../errors.ts';
import type {
  CallMethodRequest,
  CallMethodRequest__Output,
} from '../generated/gymwire/v1/CallMethodRequest.ts';
import type {
  CallMethodResponse,
  CallMethodResponse__Output,
} from '../generated/gymwire/v1/CallMethodResponse.ts';
import type {
  ReadAttributeRequest,
  ReadAttributeRequest__Output,
} from '../generated/gymwire/v1/ReadAttributeRequest.ts';
import type {
  ReadAttributeResponse,
  ReadAttributeResponse__Output,
} from '../generated/gymwire/v1/ReadAttributeResponse.ts';
import type { Value__Output } from '../generated/gymwire/v1/Value.ts';
import type { Value } from '../value.ts';
import { decodeError, encodeError } from './error-codec.ts';
import { decodeDict, decodeValue, encodeDict, encodeValue } from './value-codec.ts';

/** @throws GymwireError MALFORMED for an argument that cannot travel, naming it; INVALID_ARGUMENT for a bad index */
export function encodeMethodCall(call: MethodCall): CallMethodRequest {
  const { name, keywordArguments } = call;
  return {
    name,
    envIndices: checkedIndices(call.envIndices),
    arguments: {
      values: (call.arguments ?? []).map((value, i) => encodeValue(value, `${name}: argument ${i}`)),
    },
    ...(keywordArguments === undefined
      ? {}
      : { keywordArguments: encodeDict(keywordArguments, `${name}: keyword arguments`) }),
  };
}

export function decodeMethodCall(wire: CallMethodRequest__Output): MethodCall {
  const keywordArguments = decodeDict(wire.keywordArguments?.entries ?? [], 'keyword_arguments');
  return {
    name: wire.name,
    ...(wire.envIndices.length === 0 ? {} : { envIndices: wire.envIndices }),
    arguments: decodeAll(wire.arguments?.values ?? [], 'arguments'),
    ...(Object.keys(keywordArguments).length === 0 ? {} : { keywordArguments }),
  };
}

export function encodeCallOutcome(outcome: CallOutcome, sequence: number): CallMethodResponse {
  if (outcome.fault !== undefined) return { sequence, fault: encodeError(outcome.fault) };
  return { sequence, results: outcome.results.map((result) => encodeValue(result)) };
}

/** @throws GymwireError: the method's fault */
export function decodeCallOutcome(wire: CallMethodResponse__Output, count: number): Value[] {
  if (wire.fault) throw decodeError(wire.fault);
  return expectCount(decodeAll(wire.results, 'result'), count, 'call');
}

/** @throws GymwireError INVALID_ARGUMENT for a bad index */
export function encodeAttributeRead({ name, envIndices }: AttributeRead): ReadAttributeRequest {
  return { name, envIndices: checkedIndices(envIndices) };
}

export function decodeAttributeRead({ name, envIndices }: ReadAttributeRequest__Output): AttributeRead {
  return { name, ...(envIndices.length === 0 ? {} : { envIndices }) };
}

export function encodeAttributeValues(values: readonly Value[]): ReadAttributeResponse {
  return { values: values.map((value) => encodeValue(value)) };
}

export function decodeAttributeValues(wire: ReadAttributeResponse__Output, count: number): Value[] {
  return expectCount(decodeAll(wire.values, 'value'), count, 'read');
}

function decodeAll(values: readonly Value__Output[], where: string): Value[] {
  return values.map((value, i) => decodeValue(value, `${where}[${i}]`, 1));
}

/** protobuf would wrap or cut what is no uint32, and an empty list would name all. */
function checkedIndices(indices: readonly number[] | undefined): number[] {
  const isGood = (index: number, i: number, all: readonly number[]) =>
    Number.isInteger(index) && index >= 0 && index < 2 ** 32 && (i === 0 || index > all[i - 1]);
  if (indices === undefined) return [];
  if (indices.length > 0 && indices.every(isGood)) return [...indices];
  throw new GymwireError(
    'INVALID_ARGUMENT',
    `envIndices: expected some indices of environments, ascending, got [${indices.join(', ')}]`,
  );
}

function expectCount(values: Value[], count: number, what: string): Value[] {
  if (values.length === count) return values;
  throw new GymwireError('MALFORMED', `${what}: expected ${count} values, got ${values.length}`);
}
