/** What docs/protocol.md says of gymwire/Conformance-v0, written down a second time: a server may be wrong. */
import {
  type ArgumentSpec,
  type DType,
  Scalar,
  type Space,
  type Tensor,
  Tuple,
  type TypedArrayOf,
  type Value,
  type ValueDict,
} from '@gymwire/protocol';

export const envId = 'gymwire/Conformance-v0';
export const maxEpisodeSteps = 1000;

/** What the second element of an action asks for. */
export const command = {
  goOn: 0,
  terminate: 1,
  truncate: 2,
  terminateAndTruncate: 3,
  fail: 4,
  badObservation: 5,
  badReward: 6,
  foreignObservation: 7,
  takeTime: 8,
} as const;

export const failMessages = {
  reset: 'told to fail in reset',
  step: 'told to fail in step',
  echo: 'told to fail in echo',
} as const;

/** What may be called, and read. */
export const calledMethod = 'echo';
export const readAttributes = ['echoes', 'steps'] as const;

export const argumentSpecs: ReadonlyArray<Omit<ArgumentSpec, 'description'>> = [
  { name: 'info', type: 'bool', defaultValue: true },
  { name: 'terminate_after', type: 'int', defaultValue: 0n, minimum: 0, maximum: 1_000_000 },
  { name: 'reward_scale', type: 'float', defaultValue: 1, minimum: -1000, maximum: 1000 },
  { name: 'observation', type: 'string', defaultValue: 'counts', choices: ['counts', 'echo', 'image'] },
  { name: 'offsets', type: 'float-list', defaultValue: [0, 0.5], length: 2, minimum: -1e6, maximum: 1e6 },
];

/** The first `count` draws after a seed. */
export function drawsOf(seed: bigint, count: number): number[] {
  const draws: number[] = [];
  let state = seed;
  while (draws.length < count) {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    draws.push(Number(state >> 32n));
  }
  return draws;
}

function tensor<D extends DType>(dtype: D, shape: readonly number[], data: TypedArrayOf<D>): Tensor<D> {
  return { dtype, shape, data };
}

const inf = Number.POSITIVE_INFINITY;

export const countsSpace: Space = {
  type: 'box',
  low: tensor('float64', [5], Float64Array.of(0, 0, 0, 0, -inf)),
  high: tensor('float64', [5], Float64Array.of(4294967295, inf, inf, inf, inf)),
};

export const commandSpace: Space = {
  type: 'box',
  low: tensor('float32', [2], Float32Array.of(-1, -8)),
  high: tensor('float32', [2], Float32Array.of(1, 8)),
};

const imageShape = [1300, 1300, 3] as const;
const imageSize = 1300 * 1300 * 3;

export const imageSpace: Space = {
  type: 'box',
  low: tensor('uint8', imageShape, new Uint8Array(imageSize)),
  high: tensor('uint8', imageShape, new Uint8Array(imageSize).fill(255)),
};

export function imageAt(step: number): Tensor {
  const data = new Uint8Array(imageSize);
  for (let i = 0; i < imageSize; i++) data[i] = (i + step) % 251;
  return tensor('uint8', imageShape, data);
}

export const echoSpace: Space = {
  type: 'dict',
  entries: [
    [
      'angle',
      {
        type: 'box',
        low: tensor('float64', [], Float64Array.of(-1)),
        high: tensor('float64', [], Float64Array.of(1)),
      },
    ],
    ['choice', { type: 'discrete', n: 5n, start: -2n, dtype: 'int64' }],
    ['flags', { type: 'multi-binary', shape: [3] }],
    [
      'gears',
      {
        type: 'multi-discrete',
        nvec: tensor('int64', [2], BigInt64Array.of(3n, 4n)),
        start: tensor('int64', [2], BigInt64Array.of(0n, -1n)),
      },
    ],
    [
      'matrix',
      {
        type: 'box',
        low: tensor('float32', [2, 3], new Float32Array(6).fill(-inf)),
        high: tensor('float32', [2, 3], new Float32Array(6).fill(inf)),
      },
    ],
    [
      'pair',
      {
        type: 'tuple',
        spaces: [
          {
            type: 'box',
            low: tensor('int16', [2], Int16Array.of(-300, -300)),
            high: tensor('int16', [2], Int16Array.of(300, 300)),
          },
          { type: 'discrete', n: 2n, start: 0n, dtype: 'int64' },
        ],
      },
    ],
    ['word', { type: 'text', minLength: 1, maxLength: 3, charset: 'abé😀' }],
  ],
};

/** What a reset of the echo returns. */
export const echoStart: ValueDict = {
  angle: tensor('float64', [], Float64Array.of(0.5)),
  choice: -2n,
  flags: tensor('int8', [3], Int8Array.of(1, 0, 1)),
  gears: tensor('int64', [2], BigInt64Array.of(2n, -1n)),
  matrix: tensor('float32', [2, 3], Float32Array.of(0, 1, 2, 3, 4, 5)),
  pair: new Tuple([tensor('int16', [2], Int16Array.of(-300, 300)), 1n]),
  word: 'é😀',
};

/** Another member, which has nothing in common with that of a reset. */
export const echoOther: ValueDict = {
  angle: tensor('float64', [], Float64Array.of(-1 / 3)),
  choice: 2n,
  flags: tensor('int8', [3], Int8Array.of(0, 1, 0)),
  gears: tensor('int64', [2], BigInt64Array.of(0n, 2n)),
  matrix: tensor('float32', [2, 3], Float32Array.of(-1, 0.1, 1e30, -1e-30, 7, -0)),
  pair: new Tuple([tensor('int16', [2], Int16Array.of(7, -8)), 0n]),
  word: 'ba',
};

/** `types` of a reset's info. */
export const everyType: ValueDict = {
  null: null,
  false: false,
  true: true,
  int_min: -9223372036854775808n,
  int_max: 9223372036854775807n,
  float: 0.1,
  float_whole: 3,
  float_negative_zero: -0,
  float_infinity: inf,
  float_nan: Number.NaN,
  string: 'größe 😀',
  string_empty: '',
  bytes: Uint8Array.of(0, 255, 128),
  scalar_float32: new Scalar('float32', Math.fround(0.1)),
  scalar_float64: new Scalar('float64', 0.1),
  scalar_int64: new Scalar('int64', -9223372036854775808n),
  scalar_bool: new Scalar('bool', 1),
  list: [1n, 1, '1', true],
  list_empty: [],
  tuple: new Tuple([1n, new Tuple([2n]), []]),
  dict: { b: 1n, a: { '': null } },
  deep: nested(1n, 20),
  tensors: {
    bool: tensor('bool', [2], Uint8Array.of(0, 1)),
    int8: tensor('int8', [2], Int8Array.of(-128, 127)),
    uint8: tensor('uint8', [2], Uint8Array.of(0, 255)),
    int16: tensor('int16', [2], Int16Array.of(-32768, 32767)),
    uint16: tensor('uint16', [2], Uint16Array.of(0, 65535)),
    int32: tensor('int32', [2], Int32Array.of(-2147483648, 2147483647)),
    uint32: tensor('uint32', [2], Uint32Array.of(0, 4294967295)),
    int64: tensor('int64', [2], BigInt64Array.of(-9223372036854775808n, 9223372036854775807n)),
    uint64: tensor('uint64', [2], BigUint64Array.of(0n, 18446744073709551615n)),
    float32: tensor('float32', [2], Float32Array.of(1 / 3, -0)),
    float64: tensor('float64', [2], Float64Array.of(1 / 3, 5e-324)),
    point: tensor('float64', [], Float64Array.of(0.25)),
    none: tensor('float32', [0, 3], new Float32Array(0)),
    matrix: tensor('int32', [2, 3], Int32Array.of(0, 1, 2, 10, 11, 12)),
  },
};

/** A value in so many lists, one around the other. */
export function nested(value: Value, levels: number): Value {
  return levels === 0 ? value : [nested(value, levels - 1)];
}

/** What one environment of the kind `counts` observed. */
export interface Counts {
  readonly draw: number;
  readonly step: number;
  /** Steps in the environment's life. */
  readonly steps: number;
  /** Resets in the environment's life. */
  readonly resets: number;
  /** First element of the last action. */
  readonly a: number;
}

/** An action for one environment. */
export function action(a: number, what: number = command.goOn): Tensor {
  return tensor('float32', [2], Float32Array.of(a, what));
}

/** One action an environment, as a batch. */
export function actions(rows: ReadonlyArray<readonly [a: number, what: number]>): Tensor {
  return tensor('float32', [rows.length, 2], Float32Array.from(rows.flat()));
}
