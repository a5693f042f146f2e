/**
 * An environment that returns odd things when it is told to, by the option `reply` of its reset.
 *
 * @import { Env } from '@gymwire/env-server'
 */
import { box, float32, float64 } from '@gymwire/protocol';

class Point {
  x = 1;
}

const float64s = { dtype: /** @type {const} */ ('float32'), shape: [2], data: new Float64Array(2) };

/** Infos, each of which holds one odd entry or more. @type {Readonly<Record<string, () => object>>} */
export const oddInfos = {
  date: () => ({ x: 1, traj: { y: 2, x: new Date(0) } }),
  map: () => ({ x: 1, traj: { y: 2, x: new Map() } }),
  instance: () => ({ x: 1, traj: { y: 2, x: new Point() } }),
  function: () => ({ x: 1, traj: { y: 2, x: () => 1 } }),
  symbol: () => ({ x: 1, traj: { y: 2, x: Symbol('s') } }),
  undefined: () => ({ x: 1, traj: { y: 2, x: undefined } }),
  wide: () => ({ x: 1, traj: { y: 2, x: 2n ** 70n } }),
  tensor: () => ({ x: 1, traj: { y: 2, x: float64s } }),
  getter: () => ({
    x: 1,
    traj: {
      y: 2,
      get x() {
        throw new Error('evil');
      },
    },
  }),
};

/** Replies that are none, by what is wrong. @type {Readonly<Record<string, object | null | undefined>>} */
const oddParts = {
  rewardBig: { reward: 1n },
  rewardTrue: { reward: true },
  rewardText: { reward: '1' },
  rewardMissing: { reward: undefined },
  rewardNaN: { reward: Number.NaN },
  observationNaN: { observation: float32([1, Number.NaN]) },
  outside: { observation: float32([1, 1e9]) },
  terminatedText: { terminated: 'no' },
  terminatedOne: { terminated: 1 },
  truncatedMissing: { truncated: undefined },
  bareArray: { observation: Float32Array.of(1, 2) },
  list: { observation: [1, 2] },
  doubles: { observation: float64([1, 2]) },
  shortDoubles: { observation: float64([1]) },
  otherClass: { observation: float64s },
  noDictionary: { info: new Map() },
  noInfo: { info: null },
};

/** @returns {Env} */
function createOdd() {
  let reply = '';
  const typed = {
    f: Float64Array.of(0.1, 2),
    i: Int32Array.of(-1),
    b: Uint8Array.of(1, 2),
    c: Uint8ClampedArray.of(255),
  };
  const good = () => ({
    observation: float32([1, 2]),
    reward: 1,
    terminated: false,
    truncated: false,
    info: {},
  });
  const read = () => {
    if (reply in oddInfos) return { ...good(), info: oddInfos[reply]() };
    if (reply === 'typed') return { ...good(), info: { deep: [typed] } };
    return { ...good(), ...oddParts[reply] };
  };
  return {
    observationSpace: box([-9, -9], [9, 9]),
    actionSpace: box([-1], [1]),
    reset({ options = {} }) {
      reply = typeof options.reply === 'string' ? options.reply : '';
      const { observation, info } = read();
      return options.odd === 'reset' ? { observation, info } : { observation: float32([1, 2]), info: {} };
    },
    step: () => read(),
  };
}

export const oddEnvs = [{ id: 'Odd-v0', make: createOdd }];
