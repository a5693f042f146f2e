import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tensor__Output } from '../generated/gymwire/v1/Tensor.ts';
import { type DType, elementCount, float32, Scalar, type Tensor, typedArrays } from '../tensor.ts';
import { Tuple, type Value } from '../value.ts';
import { EnvServiceClient } from '../wire/service.ts';
import { encodeTensor } from './tensor-codec.ts';
import { decodeValue, encodeValue } from './value-codec.ts';

/** Through real protobuf bytes, as a step's action travels. */
function throughTheWire(value: Value): Value {
  const { Step } = EnvServiceClient.service;
  const bytes = Step.requestSerialize({ action: encodeValue(value) });
  return decodeValue(Step.requestDeserialize(bytes).action, 'action');
}

const dtypes = Object.keys(typedArrays) as DType[];

const tensors: fc.Arbitrary<Tensor> = fc
  .tuple(fc.constantFrom(...dtypes), fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }))
  .chain(([dtype, shape]) =>
    fc.uint8Array({ minLength: 256, maxLength: 512 }).map((noise): Tensor => {
      const arrayType = typedArrays[dtype];
      const bytes = noise.slice(0, elementCount(shape) * arrayType.BYTES_PER_ELEMENT);
      const padded = new Uint8Array(elementCount(shape) * arrayType.BYTES_PER_ELEMENT);
      padded.set(bytes);
      if (dtype === 'bool') padded.forEach((byte, i) => (padded[i] = byte & 1));
      return { dtype, shape, data: new arrayType(padded.buffer) };
    }),
  );

const values = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.string({ unit: 'grapheme' }),
    fc.uint8Array({ maxLength: 20 }),
    tensors,
    fc.constantFrom(new Scalar('int64', 2n ** 60n + 1n), new Scalar('float32', 0.5), new Scalar('bool', 1)),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => new Tuple(items)),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;

describe('value codec', () => {
  it('returns every value with its type kept', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(throughTheWire(value)).toStrictEqual(value);
      }),
      {
        numRuns: 500,
        seed: 7,
      },
    );
  });

  it('keeps keys that objects treat specially', () => {
    const value = JSON.parse('{"__proto__": 1, "constructor": 2}') as Value;
    const back = throughTheWire(value) as Record<string, Value>;
    expect(Object.keys(back)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
  });

  it('copies: neither the sender’s array nor the received buffer is shared', () => {
    const sent = float32([1, 2]);
    const message = encodeTensor(sent);
    sent.data[0] = 9;
    expect([...(message.data as Uint8Array)]).toEqual([0, 0, 128, 63, 0, 0, 0, 64]);
  });

  it('refuses an integer beyond 64 bits', () => {
    expect(() => encodeValue(2n ** 63n)).toThrow(/64 bits/);
  });

  it('refuses nesting deeper than 32 on both sides', () => {
    let deep: Value = 1;
    for (let i = 0; i < 40; i++) deep = [deep];
    expect(() => encodeValue(deep)).toThrow(expect.objectContaining({ code: 'MALFORMED' }));
  });

  it.each([
    [
      'too few bytes',
      { dtype: 'D_TYPE_FLOAT32', shape: [3], data: Buffer.alloc(8) },
      /takes 12 bytes, got 8/,
    ],
    ['an unknown dtype', { dtype: 'D_TYPE_UNSPECIFIED', shape: [], data: Buffer.alloc(0) }, /known dtype/],
    ['a bool of 2', { dtype: 'D_TYPE_BOOL', shape: [1], data: Buffer.from([2]) }, /0 or 1/],
  ] satisfies [string, Tensor__Output, RegExp][])('refuses %s, naming the field', (_, tensor, message) => {
    const wire = { kind: 'tensor', tensor } as const;
    expect(() => decodeValue(wire, 'observation')).toThrow(message);
    expect(() => decodeValue(wire, 'observation')).toThrow(/^observation/);
  });

  it('refuses an absent value', () => {
    expect(() => decodeValue(null, 'action')).toThrow(/action: expected a value/);
  });
});
