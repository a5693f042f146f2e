/** Against protobufjs, which reads and writes the same messages the long way. */
import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VectorStepResult } from '../gym.ts';
import { type DType, float32, Scalar, type Tensor, type TypedArrayOf, typedArrays } from '../tensor.ts';
import { type Info, Tuple, type Value } from '../value.ts';
import { envService } from '../wire/service.ts';
import { decodeStepResult, encodeStepResult, packNextSeeds, unpackNextSeeds } from './step-codec.ts';
import {
  decodeStepRequest,
  decodeStepResponse,
  encodeStepRequest,
  encodeStepResponse,
  findStep,
} from './step-messages.ts';
import { streamMethod } from './stream-codec.ts';
import { decodeValue, encodeValue } from './value-codec.ts';

const { requestSerialize, requestDeserialize, responseSerialize, responseDeserialize } = envService.Interact;

const dtypes = Object.keys(typedArrays) as DType[];

function elements(dtype: DType, numbers: readonly number[]): TypedArrayOf<DType> {
  if (dtype === 'int64' || dtype === 'uint64') return typedArrays[dtype].from(numbers.map(BigInt));
  return typedArrays[dtype].from(numbers.map((x) => (dtype === 'bool' ? x % 2 : x)));
}

const tensors = fc
  .tuple(fc.constantFrom(...dtypes), fc.array(fc.nat(3), { maxLength: 3 }), fc.nat(60))
  .map(([dtype, shape, long]): Tensor => {
    const own = shape.length === 0 && long > 0 ? [long] : shape;
    const length = own.reduce((product, size) => product * size, 1);
    return {
      dtype,
      shape: own,
      data: elements(
        dtype,
        Array.from({ length }, (_, i) => (i * 37) % 127),
      ),
    };
  });

const scalars = fc
  .tuple(fc.constantFrom(...dtypes), fc.nat(100))
  .map(([dtype, x]) => new Scalar(dtype, elements(dtype, [x])[0]));

const strings = fc.oneof(
  fc.constantFrom('x_position', 'y_position', 'reward_forward', 'größe', '__proto__', 'constructor', '7'),
  fc.string({ unit: 'binary', maxLength: 50 }),
);

const { value: values } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.double(),
    scalars,
    tensors,
    fc.boolean(),
    strings,
    fc.constant(null),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => new Tuple(items)),
    fc.dictionary(strings, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

const infos = fc.dictionary(strings, values, { maxKeys: 4, noNullPrototype: true }) as fc.Arbitrary<Info>;
const sequences = fc.oneof(fc.nat(200), fc.integer({ min: 0, max: 2 ** 32 - 1 }));

const results: fc.Arbitrary<VectorStepResult> = fc
  .record({
    numEnvs: fc.constantFrom(1, 2, 3, 400),
    observation: values,
    reward: fc.double(),
    flag: fc.boolean(),
    infos: fc.array(infos, { maxLength: 3 }),
    final: fc.option(values, { nil: undefined }),
  })
  .map(({ numEnvs, observation, reward, flag, infos: some, final }) => ({
    observation,
    rewards: Float64Array.from({ length: numEnvs }, (_, i) => reward * (i + 1)),
    terminated: Array.from({ length: numEnvs }, (_, i) => flag === (i % 2 === 0)),
    truncated: Array.from({ length: numEnvs }, (_, i) => flag !== (i % 3 === 0)),
    infos: new Map(some.slice(0, numEnvs).map((info, i) => [numEnvs < 400 ? i : i * 150, info])),
    ...(final === undefined
      ? {}
      : {
          final: {
            envIndices: [...new Set([0, numEnvs - 1])],
            observation: final,
            infos: new Map([[numEnvs - 1, some[0] ?? {}]]),
          },
        }),
  }));

/** What decoding gives or how it fails. */
function outcome(decode: () => unknown): unknown {
  try {
    return { value: decode() };
  } catch (error) {
    return { code: (error as { code?: unknown }).code };
  }
}

const slowRequest = (message: Buffer) => {
  const { step } = requestDeserialize(message);
  const nextSeeds = unpackNextSeeds(step?.nextSeeds ?? new Uint8Array(), 1);
  return { action: decodeValue(step?.action, 'action'), sequence: step?.sequence, nextSeeds };
};
const slowStep = (message: Buffer) => requestDeserialize(message).step ?? expect.fail('no step');
const slowResponse = (message: Buffer, numEnvs: number) => {
  const { step } = responseDeserialize(message);
  if (!step) throw new Error('no step');
  return decodeStepResult(step, numEnvs);
};
const step = (message: Buffer): Buffer => findStep(message) ?? expect.fail('no step found');

describe('a step request', { timeout: 60_000 }, () => {
  it('has the bytes that protobufjs would write, and reads as it would', () => {
    fc.assert(
      fc.property(values, sequences, (action, sequence) => {
        const message = encodeStepRequest(action, sequence);
        expect(message).toEqual(requestSerialize({ step: { action: encodeValue(action), sequence } }));
        deepStrictEqual(decodeStepRequest(step(message), 1), slowRequest(message));
      }),
      { numRuns: 200 },
    );
  });

  it('carries a seed of 64 bits for each environment, and reads one that protobufjs wrote', () => {
    const seeds = fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 1, maxLength: 70 });
    fc.assert(
      fc.property(values, sequences, seeds, (action, sequence, given) => {
        const nextSeeds = packNextSeeds(given, given.length);
        const bytes = Buffer.alloc(given.length * 8);
        for (const [i, seed] of given.entries()) bytes.writeBigUInt64LE(seed, i * 8);
        const message = encodeStepRequest(action, sequence, nextSeeds);
        const fields = { action: encodeValue(action), sequence, nextSeeds: bytes };
        expect(message).toEqual(requestSerialize({ step: fields }));
        expect(decodeStepRequest(step(message), given.length).nextSeeds).toEqual(nextSeeds);
        expect(decodeStepRequest(slowStep(message), given.length).nextSeeds).toEqual(nextSeeds);
      }),
      { numRuns: 100 },
    );
  });

  it('refuses another number of seeds, in each form that it may come in', () => {
    const message = encodeStepRequest(1, 1, packNextSeeds([1, 2], 2));
    for (const given of [step(message), slowStep(message)]) {
      for (const numEnvs of [1, 3]) {
        expect(() => decodeStepRequest(given, numEnvs)).toThrow(
          expect.objectContaining({
            code: 'INVALID_ARGUMENT',
            message: expect.stringMatching(/got 16 bytes/),
          }),
        );
      }
    }
    // Nobody leaves an empty field out who does not know that it may.
    const empty = Buffer.concat([step(encodeStepRequest(1, 1)), Buffer.of(0x22, 0)]);
    expect(decodeStepRequest(empty, 3)).toEqual({ action: 1, sequence: 1, nextSeeds: undefined });
  });

  it.each([
    [[1], /expected 2 seeds, got 1/],
    [[], /expected 2 seeds, got 0/],
    [7, /expected 2 seeds, got number/],
    [[1, -1], /0 <= seed < 2\^64, got -1/],
    [[1, 0.5], /expected an integer/],
    [[1, 2 ** 53], /above 2\^53 a bigint/],
    [[1, 2n ** 64n], /0 <= seed < 2\^64/],
  ])('packs no seeds of another kind: %o', (seeds, text) => {
    expect(() => packNextSeeds(seeds as number[], 2)).toThrow(text);
  });

  it('shares no memory with the action or the message', () => {
    const action = float32([1, 2]);
    const message = encodeStepRequest(action, 1);
    action.data.fill(9);
    const { action: decoded } = decodeStepRequest(step(message), 1);
    message.fill(0);
    expect(decoded).toEqual(float32([1, 2]));
  });

  it.each([
    [{ dtype: 'float32', shape: [3], data: new Float32Array(2) }, /needs 3 elements, got 2/],
    [2n ** 63n, /does not fit into 64 bits/],
    [() => 1, /a function cannot travel/],
    [{ x: undefined }, /undefined cannot travel/],
  ])('refuses %o as encodeValue does, and the next one is whole', (action, text) => {
    expect(() => encodeStepRequest(action as Value, 1)).toThrow(text);
    expect(() => encodeValue(action as Value)).toThrow(text);
    expect(decodeStepRequest(step(encodeStepRequest(1.5, 7)), 1)).toMatchObject({ action: 1.5, sequence: 7 });
  });

  it('refuses what nests too deeply, on both sides', () => {
    let deep: Value = 1;
    for (let i = 0; i < 40; i++) deep = [deep];
    expect(() => encodeStepRequest(deep, 1)).toThrow(/32 levels/);
    // Lists in lists, as bytes: each is a Value (field 1) in a ListValue (field 9).
    let inner: Buffer = Buffer.from([0x21, 0, 0, 0, 0, 0, 0, 0, 0]);
    for (let i = 0; i < 33; i++) inner = field(0x4a, field(0x0a, inner));
    expect(() => decodeStepRequest(field(0x1a, inner), 1)).toThrow(/32 levels/);
  });
});

describe('a step response', { timeout: 60_000 }, () => {
  it('has the bytes that protobufjs would write, and reads as it would', () => {
    fc.assert(
      fc.property(results, sequences, (result, sequence) => {
        const message = encodeStepResponse(result, sequence);
        expect(message).toEqual(responseSerialize({ step: encodeStepResult(result, sequence) }));
        const numEnvs = result.rewards.length;
        const decoded = decodeStepResponse(step(message), numEnvs);
        // Vitest's equality takes a key named constructor for the object's class.
        deepStrictEqual(decoded, slowResponse(message, numEnvs));
        expect(Object.keys(decoded)).toEqual(Object.keys(slowResponse(message, numEnvs)));
      }),
      { numRuns: 200 },
    );
  });

  it('grows with what it carries', () => {
    const frame: Tensor = { dtype: 'uint8', shape: [1000, 2000], data: new Uint8Array(2e6).fill(7) };
    const result = { ...plain, observation: frame };
    for (let i = 0; i < 3; i++) {
      const { observation } = decodeStepResponse(step(encodeStepResponse(result, i)), 1);
      expect((observation as Tensor).data.every((byte) => byte === 7)).toBe(true);
      expect(decodeStepResponse(step(encodeStepResponse(plain, i)), 1)).toEqual(plain);
    }
  });
});

const plain: VectorStepResult = {
  observation: float32([1]),
  rewards: Float64Array.of(1),
  terminated: [false],
  truncated: [true],
  infos: new Map([[0, { speed: new Scalar('float64', 2), twice: { speed: 3n } }]]),
};

/** A tag and a length-delimited content. */
function field(tag: number, content: Buffer): Buffer {
  expect(content.length).toBeLessThan(2 ** 14);
  const length =
    content.length < 128 ? [content.length] : [(content.length & 127) | 128, content.length >> 7];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

describe('messages that no encoder writes', { timeout: 60_000 }, () => {
  const message = encodeStepResponse(plain, 300);
  const content = step(message);

  it('with a byte changed are read or refused as protobufjs does', () => {
    fc.assert(
      fc.property(fc.nat(message.length - 1), fc.nat(255), (at, byte) => {
        const changed = Buffer.from(message);
        changed[at] = byte;
        const found = findStep(changed);
        if (found === undefined) return;
        const slow = outcome(() => slowResponse(changed, 1)) as { code?: unknown; value?: unknown };
        const fast = outcome(() => decodeStepResponse(found, 1));
        // protobufjs's own errors have no code; here they are MALFORMED.
        expect(fast).toStrictEqual('value' in slow ? slow : { code: 'MALFORMED' });
      }),
      { numRuns: 1000 },
    );
  });

  it('cut off anywhere are MALFORMED or what protobufjs makes of them', () => {
    for (let end = 0; end < content.length; end++) {
      const part = content.subarray(0, end);
      const slow = outcome(() => slowResponse(field(0x1a, part), 1)) as { value?: unknown };
      const fast = outcome(() => decodeStepResponse(part, 1));
      expect(fast).toStrictEqual('value' in slow ? slow : { code: 'MALFORMED' });
    }
  });

  it('with fields of a later version, in another order, or twice, mean the same as to protobufjs', () => {
    const unknown = field(0x7a, Buffer.from('later'));
    const observation = Buffer.concat([Buffer.from([0x12]), content.subarray(4, 5 + content[4])]);
    for (const odd of [
      Buffer.concat([content, unknown]),
      Buffer.concat([unknown, content]),
      Buffer.concat([content, observation]),
      Buffer.concat([content.subarray(3), content.subarray(0, 3)]),
    ]) {
      expect(decodeStepResponse(odd, 1)).toEqual(slowResponse(field(0x1a, odd), 1));
    }
    expect(content[3]).toBe(0x12);
  });

  it('are left to protobufjs where they are more than one step', () => {
    const twice = Buffer.concat([message, message]);
    expect(findStep(twice)).toBeUndefined();
    expect(streamMethod.responseDeserialize(twice)).toEqual(responseDeserialize(twice));
    expect(findStep(Buffer.alloc(0))).toBeUndefined();
    expect(findStep(Buffer.from([0x1a, 5, 1]))).toBeUndefined();
  });

  it('from encoders that leave zeros out are read', () => {
    // Sequence 0 and environment index 0 absent, as Python writes them.
    const info = field(
      0x12,
      field(0x0a, Buffer.concat([field(0x0a, Buffer.from('k')), field(0x12, Buffer.from([0x10, 1]))])),
    );
    const bare = Buffer.concat([
      field(0x12, Buffer.from([0x10, 0])),
      field(0x1a, Buffer.alloc(8)),
      field(0x22, Buffer.alloc(1)),
      field(0x2a, Buffer.alloc(1)),
      field(0x32, info),
    ]);
    const expected = { observation: false, infos: new Map([[0, { k: true }]]) };
    expect(decodeStepResponse(bare, 1)).toMatchObject(expected);
    expect(slowResponse(field(0x1a, bare), 1)).toMatchObject(expected);
  });
});
