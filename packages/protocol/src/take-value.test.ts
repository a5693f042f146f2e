import { describe, expect, it } from 'vitest';
import { encodeStepRequest, encodeStepResponse } from './codec/step-messages.ts';
import { decodeValue, encodeDict, encodeValue } from './codec/value-codec.ts';
import { takeDict, takeValue } from './take-value.ts';
import { float32, Scalar } from './tensor.ts';
import { Tuple, type Value } from './value.ts';
import { EnvServiceClient } from './wire/service.ts';

class Point {
  readonly x = 1;
}

const float16 = { dtype: 'float16', shape: [1], data: new Uint16Array(1) };

/** What JavaScript's programs put into infos, and no type stopped them. */
const odd: ReadonlyArray<readonly [what: string, value: unknown, why: RegExp]> = [
  ['a Date', new Date(0), /a Date cannot travel: use its getTime/],
  ['a Map', new Map([['x', 1]]), /a Map cannot travel: use Object.fromEntries/],
  ['a Set', new Set([1]), /a Set cannot travel: use an array/],
  ['an instance of a class', new Point(), /a Point cannot travel: use numbers, bigints/],
  ['a boxed number', Object(1), /a Number cannot travel/],
  ['a Promise', Promise.resolve(1), /a Promise cannot travel: await it/],
  ['an ArrayBuffer', new ArrayBuffer(2), /an ArrayBuffer cannot travel: use a Uint8Array/],
  ['a DataView', new DataView(new ArrayBuffer(2)), /a DataView cannot travel/],
  ['a function', () => 1, /a function cannot travel/],
  ['a symbol', Symbol('s'), /a symbol cannot travel/],
  ['undefined', undefined, /undefined cannot travel: leave it out, or use null/],
  ['an int of 71 bits', 2n ** 70n, /integer 1180591620717411303424 does not fit into 64 bits/],
  ['half a surrogate pair', 'a\ud800b', /no valid Unicode/],
  [
    'a float32 tensor with float64 data',
    { dtype: 'float32', shape: [1], data: new Float64Array(1) },
    /a float32 tensor holds a Float32Array, got Float64Array/,
  ],
  ['a uint8 tensor with int8 data', { dtype: 'uint8', shape: [1], data: new Int8Array(1) }, /got Int8Array/],
  ['a tensor of an unknown dtype', float16, /a tensor of dtype float16 cannot travel: expected bool, int8/],
  [
    'a tensor of another size',
    { dtype: 'int8', shape: [2], data: new Int8Array(3) },
    /needs 2 elements, got 3/,
  ],
  [
    'a tensor of negative sizes',
    { dtype: 'int8', shape: [-1, -3], data: new Int8Array(3) },
    /list of at most 64 sizes/,
  ],
  ['a tensor of half sizes', { dtype: 'int8', shape: [1.5, 2], data: new Int8Array(3) }, /got \[1.5,2\]/],
  [
    'a bool tensor of 2',
    { dtype: 'bool', shape: [1], data: Uint8Array.of(2) },
    /element 0 of a bool tensor is 2/,
  ],
  [
    'an int8 scalar of 300',
    new Scalar('int8', 300),
    /a int8 scalar holds an integer from -128 to 127, got the number 300/,
  ],
  ['a uint64 scalar of -1', new Scalar('uint64', -1n), /got the bigint -1/],
  ['an int32 scalar of 0.5', new Scalar('int32', 0.5), /got the number 0.5/],
  [
    'a float64 scalar of a text',
    new Scalar('float64', JSON.parse('"1"') as number),
    /holds a number, got the string 1/,
  ],
  [
    'a proxy that throws',
    new Proxy(
      {},
      {
        getPrototypeOf: () => {
          throw new Error('evil');
        },
      },
    ),
    /it cannot be read: evil/,
  ],
];

describe('what has no place on the wire', () => {
  it.each(odd)('%s is named with its path, and nothing else is missing', (_, value, why) => {
    const given = { before: 1, traj: { y: 2, x: value }, list: [3, [value]], after: 'z' };
    const { value: taken, foreign } = takeDict(given, 'info');
    expect(taken).toEqual({ before: 1, traj: { y: 2 }, after: 'z' });
    expect(foreign.map(({ path }) => path)).toEqual(['info["traj"]["x"]', 'info["list"][1][0]']);
    for (const { why: told } of foreign) expect(told).toMatch(why);
  });

  it('is a single entry where a dictionary contains itself, also more than once', () => {
    const info: Record<string, unknown> = { x: 1 };
    Object.assign(info, { a: info, b: [info], c: { info } });
    const { value, foreign } = takeDict(info, 'info');
    expect(value).toEqual({ x: 1, c: {} });
    expect(new Set(foreign.map(({ why }) => why))).toEqual(new Set(['it contains itself']));
  });

  it('is the entry whose getter throws', () => {
    const traj = Object.defineProperty({ y: 1 }, 'x', {
      enumerable: true,
      get: () => {
        throw new Error('evil');
      },
    });
    expect(takeDict({ traj }, 'info')).toEqual({
      value: { traj: { y: 1 } },
      foreign: [{ path: 'info["traj"]["x"]', why: 'it cannot be read: evil' }],
    });
  });

  it('is the whole list where an item is missing, and a key that is no valid text', () => {
    const holed: unknown[] = [1];
    holed[2] = 3;
    const { value, foreign } = takeDict({ holed, 'a\udc00': 1, [Symbol('no data')]: 1 }, 'info');
    expect(value).toEqual({});
    expect(foreign.map(({ path }) => path)).toEqual(['info["holed"][1]', 'info["a\\udc00"]']);
  });

  it('is the top of a branch that nests deeper than decoders follow', () => {
    const nested = (depth: number, leaf: Value): Value =>
      depth === 0 ? leaf : { k: nested(depth - 1, leaf) };
    for (const leaf of [1, float32([1])]) {
      const fits = { near: 1, far: nested(31, leaf) };
      expect(takeDict(fits, 'info')).toEqual({ value: fits, foreign: [] });
      for (const depth of [32, 33, 60]) {
        const { value, foreign } = takeDict({ near: 1, far: nested(depth, leaf) }, 'info');
        expect(value).toEqual({ near: 1 });
        expect(foreign).toEqual([{ path: 'info["far"]', why: 'values nest at most 32 levels deep' }]);
      }
    }
    const { value } = takeDict({ far: { near: 1, deep: nested(40, 1) } }, 'info');
    expect(value).toEqual({ far: { near: 1 } });
  });

  it('is the dictionary itself where it is none', () => {
    for (const given of [new Map(), [1], null, undefined, 'x', new Point()]) {
      const { value, foreign } = takeDict(given, 'options');
      expect(value).toEqual({});
      expect(foreign).toEqual([
        { path: 'options', why: expect.stringMatching(/^expected a dictionary/) as string },
      ]);
    }
  });

  it.each(odd)('%s is refused by every encoder, with its path', (_, value, why) => {
    const dict = { traj: [{ x: value }] } as object as Record<string, Value>;
    const path = 'info["traj"][0]["x"]';
    const isRefused = (where: string) =>
      expect.objectContaining({
        code: 'MALFORMED',
        message: expect.stringMatching(why) as string,
        details: { where: path.replace('info', where) },
      }) as Error;
    expect(() => encodeDict(dict, 'info')).toThrow(isRefused('info'));
    expect(() => encodeValue(dict, 'observation')).toThrow(isRefused('observation'));
    expect(() => encodeStepRequest(dict, 1)).toThrow(isRefused('action'));
    const step = { observation: 0, rewards: new Float64Array(1), terminated: [false], truncated: [false] };
    const infos = new Map([[0, dict]]);
    expect(() => encodeStepResponse({ ...step, infos }, 1)).toThrow(isRefused('info'));
    const final = { envIndices: [0], observation: 1, infos };
    expect(() => encodeStepResponse({ ...step, infos: new Map(), final }, 1)).toThrow(
      isRefused('final_info'),
    );
  });
});

/** The value as a step's action travels. */
function throughTheWire(value: unknown): Value {
  const { Step } = EnvServiceClient.service;
  const bytes = Step.requestSerialize({ action: encodeValue(value as Value) });
  return decodeValue(Step.requestDeserialize(bytes).action, 'action');
}

describe('typed arrays', () => {
  it.each([
    [Int8Array.of(-1, 2), 'int8'],
    [Int16Array.of(-1, 2), 'int16'],
    [Uint16Array.of(1, 2), 'uint16'],
    [Int32Array.of(-1, 2), 'int32'],
    [Uint32Array.of(1, 2), 'uint32'],
    [BigInt64Array.of(-1n, 2n), 'int64'],
    [BigUint64Array.of(1n, 2n), 'uint64'],
    [Float32Array.of(0.5, 2), 'float32'],
    [Float64Array.of(0.1, 2), 'float64'],
  ] as const)('%o is a tensor', (data, dtype) => {
    const tensor = { dtype, shape: [2], data };
    expect(takeValue(data, 'x').value).toStrictEqual(tensor);
    expect(throughTheWire({ x: [data] })).toStrictEqual({ x: [tensor] });
    const action = encodeStepRequest(data as object as Value, 1);
    expect(action).toEqual(encodeStepRequest(tensor, 1));
  });

  it('of a canvas are uint8, and Uint8Arrays and Buffers are bytes', () => {
    const canvas = Uint8ClampedArray.of(1, 255);
    const tensor = { dtype: 'uint8', shape: [2], data: Uint8Array.of(1, 255) };
    expect(takeValue(canvas, 'x').value).toStrictEqual(tensor);
    expect(takeValue({ dtype: 'uint8', shape: [2], data: canvas }, 'x').value).toStrictEqual(tensor);
    expect(throughTheWire(canvas)).toStrictEqual(tensor);
    expect(takeValue(Buffer.from([1, 255]), 'x').value).toStrictEqual(Uint8Array.of(1, 255));
  });

  it('of a part of a buffer are that part', () => {
    const whole = Float64Array.of(1, 2, 3, 4);
    expect(throughTheWire(whole.subarray(1, 3))).toEqual({
      dtype: 'float64',
      shape: [2],
      data: Float64Array.of(2, 3),
    });
  });
});

describe('what is taken', () => {
  it('shares nothing with what was given', () => {
    const tensor = float32([1, 2]);
    const pooled = Buffer.from([1, 2]);
    const shape = [2];
    const given = {
      tensor,
      pixels: { dtype: 'uint8', shape, data: pooled },
      bytes: pooled,
      bare: Float64Array.of(3),
      list: [{ deep: tensor }],
      tuple: new Tuple([tensor]),
    };
    const { value } = takeDict(given, 'info');
    const before = structuredClone(value);
    tensor.data.fill(9);
    pooled.fill(9);
    given.bare.fill(9);
    shape.push(7);
    given.list.push({ deep: float32([0]) });
    expect(structuredClone(value)).toEqual(before);
    expect(before).toMatchObject({ bare: { data: Float64Array.of(3) }, bytes: Uint8Array.of(1, 2) });
  });

  it('keeps keys that objects treat specially', () => {
    const { value } = takeDict(JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}'), 'info');
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it('is plain whatever realm made it', () => {
    expect(takeDict(Object.assign(Object.create(null) as object, { x: 1 }), 'info').value).toEqual({ x: 1 });
  });

  it('has a bool scalar as 0 or 1', () => {
    expect(takeValue(new Scalar('bool', JSON.parse('true') as number), 'x').value).toEqual(
      new Scalar('bool', 1),
    );
  });
});
