/**
 * The same environment twice: one that returns the same arrays and info objects again and again, as simulators do that
 * keep their state in them, and one that returns fresh ones. Their clients must not see a difference.
 *
 * @import { Env } from '@gymwire/env-server'
 * @import { Space, Value } from '@gymwire/protocol'
 */
import { box, float32, Tuple } from '@gymwire/protocol';

/** @type {Space} */
const nested = {
  type: 'dict',
  entries: [
    ['clock', box([-1e6], [1e6])],
    [
      'pair',
      { type: 'tuple', spaces: [box(new Array(40).fill(-1e6), new Array(40).fill(1e6)), box([-1e6], [1e6])] },
    ],
    ['choice', { type: 'discrete', n: 1000n, start: -500n, dtype: 'int64' }],
  ],
};

/** Shared by all copies in a thread. */
const shelf = { clock: float32([0]), long: float32(new Array(40).fill(0)), short: float32([0]) };

/**
 * @param {{ isFresh: boolean, isNested: boolean }} options
 * @returns {Env}
 */
function createEnv({ isFresh, isNested }) {
  const own = { clock: float32([0]), long: float32(new Array(40).fill(0)), short: float32([0]) };
  /** @type {{ qpos: { dtype: 'float64', shape: number[], data: Float64Array }, deep: { list: Value[] }, n: bigint }} */
  const info = {
    qpos: { dtype: 'float64', shape: [2], data: new Float64Array(2) },
    deep: { list: [0] },
    n: 0n,
  };
  const choice = { dtype: /** @type {const} */ ('int64'), shape: [1], data: new BigInt64Array(1) };
  let time = 0;
  let length = 2;

  /** @param {number} x */
  const write = (x) => {
    const { clock, long, short } = isNested ? shelf : own;
    clock.data[0] = x;
    long.data.fill(x + 0.25);
    short.data[0] = -x;
    info.qpos.data.fill(x);
    info.deep.list[0] = x;
    info.n = BigInt(x);
    choice.data[0] = BigInt(x % 500);
    const observation = isNested ? { clock, pair: new Tuple([long, short]), choice } : clock;
    return isFresh ? fresh({ observation, info }) : { observation, info };
  };
  return {
    observationSpace: isNested ? nested : box([-1e6], [1e6]),
    actionSpace: box([-1], [1]),
    reset({ random, options = {} }) {
      time = random.integers(1, 90) * 100;
      length = Number(options.length ?? random.integers(2, 4));
      // What one copy does to its options is not seen by the next one.
      const seen = Object.keys(options).length;
      for (const key of Object.keys(options)) delete (/** @type {Record<string, unknown>} */ (options)[key]);
      const reply = write(time);
      return { ...reply, info: { ...reply.info, seen } };
    },
    step(action) {
      time += 1;
      const [first] = /** @type {{ data: Float32Array }} */ (action).data;
      const reply = write(time);
      // A simulator that fails has written into its arrays by then.
      if (first === -1) throw new Error('the gearbox is on fire');
      return { ...reply, reward: time, terminated: time % 100 >= length, truncated: false };
    },
    render() {
      write(-1);
      return { width: 1, height: 1, data: new Uint8Array(3) };
    },
    detach: () => void write(-2),
  };
}

/**
 * @template {Value} T
 * @param {T} value
 * @returns {T}
 */
function fresh(value) {
  if (value instanceof Tuple) return /** @type {T} */ (new Tuple(value.items.map(fresh)));
  if (Array.isArray(value)) return /** @type {T} */ (/** @type {unknown} */ (value.map(fresh)));
  if (ArrayBuffer.isView(value) || typeof value !== 'object' || value === null) return structuredClone(value);
  return /** @type {T} */ (
    Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fresh(inner)]))
  );
}

const maxEpisodeSteps = 3;
const renderModes = ['rgb_array'];
export const reusingEnvs = [true, false].flatMap((isNested) =>
  [true, false].map((isFresh) => ({
    id: `${isNested ? 'Nested' : 'Flat'}${isFresh ? 'Fresh' : 'Reused'}-v0`,
    make: () => createEnv({ isFresh, isNested }),
    maxEpisodeSteps,
    renderModes,
  })),
);
