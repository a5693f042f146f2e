import { describe, expect, it } from 'vitest';
import type { AttributeRead, MethodCall } from '../calls.ts';
import { GymwireError } from '../errors.ts';
import { Scalar } from '../tensor.ts';
import { Tuple, type Value } from '../value.ts';
import { envService } from '../wire/service.ts';
import {
  decodeAttributeRead,
  decodeAttributeValues,
  decodeCallOutcome,
  decodeMethodCall,
  encodeAttributeRead,
  encodeAttributeValues,
  encodeCallOutcome,
  encodeMethodCall,
} from './call-codec.ts';
import { countParts, requestParts } from './message-parts.ts';

const { CallMethod, ReadAttribute, Interact } = envService;
const values: readonly Value[] = [
  1n,
  1,
  'é😀',
  null,
  [new Tuple([true])],
  new Scalar('float32', 0.5),
  { dtype: 'int16', shape: [2], data: Int16Array.of(-1, 2) },
  { a: { '': Uint8Array.of(0, 255) } },
];
const code = (expected: GymwireError['code'], message: RegExp) =>
  expect.objectContaining({ code: expected, message: expect.stringMatching(message) });

describe('a call', () => {
  const over = (call: MethodCall) =>
    decodeMethodCall(CallMethod.requestDeserialize(CallMethod.requestSerialize(encodeMethodCall(call))));

  it.each<[string, MethodCall]>([
    ['with nothing', { name: 'move', arguments: [] }],
    ['with every kind of value', { name: 'move', arguments: values }],
    [
      'with keyword arguments, in order',
      { name: 'move', arguments: [], keywordArguments: { b: 1n, a: values } },
    ],
    ['of some environments', { name: 'move', arguments: [], envIndices: [0, 5] }],
  ])('%s arrives as it was', (_, call) => {
    expect(over(call)).toEqual(call);
  });

  it('brings results, one an environment, or what a method failed with', () => {
    const back = (bytes: Buffer, count: number) =>
      decodeCallOutcome(CallMethod.responseDeserialize(bytes), count);
    const results = CallMethod.responseSerialize(encodeCallOutcome({ results: values }, 7));
    expect(back(results, values.length)).toEqual(values);
    expect(() => back(results, 2)).toThrow(code('MALFORMED', /call: expected 2 values, got 8/));
    const fault = new GymwireError('ENV_FAILED', 'call move: it is jammed', { details: { a: 'b' } });
    const failed = CallMethod.responseSerialize(encodeCallOutcome({ fault }, 7));
    expect(() => back(failed, 1)).toThrow(
      expect.objectContaining({ code: 'ENV_FAILED', message: fault.message, details: { a: 'b' } }),
    );
    expect(CallMethod.responseDeserialize(failed).sequence).toBe(7);
  });

  it('says which argument cannot travel, and refuses indices that name nothing in order', () => {
    const bad = [1n, 2n ** 64n];
    expect(() => encodeMethodCall({ name: 'move', arguments: bad })).toThrow(
      code('MALFORMED', /^move: argument 1: integer .* 64 bits/),
    );
    for (const envIndices of [[], [1, 1], [2, 1], [-1], [0.5], [2 ** 32]]) {
      expect(() => encodeMethodCall({ name: 'move', envIndices })).toThrow(
        code('INVALID_ARGUMENT', /envIndices/),
      );
    }
  });

  it('has parts that are counted before it is decoded', () => {
    const call = encodeMethodCall({ name: 'move', arguments: new Array<null>(1000).fill(null) });
    const bytes = CallMethod.requestSerialize(call);
    expect(countParts(bytes, requestParts.CallMethod, 1e6)).toBeGreaterThan(2000);
    const onStream = Interact.requestSerialize({ call });
    expect(countParts(onStream, requestParts.Interact, 1e6)).toBeGreaterThan(2000);
  });
});

describe('a read', () => {
  it.each<AttributeRead>([{ name: 'goal' }, { name: 'goal', envIndices: [1, 3] }])(
    '%j arrives as it was',
    (read) => {
      const bytes = ReadAttribute.requestSerialize(encodeAttributeRead(read));
      expect(decodeAttributeRead(ReadAttribute.requestDeserialize(bytes))).toEqual(read);
    },
  );

  it('brings values, one an environment', () => {
    const bytes = ReadAttribute.responseSerialize(encodeAttributeValues(values));
    const read = ReadAttribute.responseDeserialize(bytes);
    expect(decodeAttributeValues(read, values.length)).toEqual(values);
    expect(() => decodeAttributeValues(read, 1)).toThrow(code('MALFORMED', /read: expected 1 values, got 8/));
  });
});
