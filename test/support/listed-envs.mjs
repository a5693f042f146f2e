/**
 * An environment with methods and attributes beyond Gymnasium's own: JavaScript, which threads and processes import as
 * it is. A goal is reached where achieved and desired are closer than 0.1.
 *
 * @import { EnvRegistration } from '@gymwire/env-server'
 * @import { Tensor, Value } from '@gymwire/protocol'
 */
import { box, float32, Scalar } from '@gymwire/protocol';

/** Of how many environments this module made how many calls. */
class ReachEnv {
  observationSpace = box([0], [1000]);
  actionSpace = box([-1], [1]);
  steps = 0;
  moved = 0n;
  /** Listed, and cannot travel. */
  helper = () => 1;
  /** Not listed. */
  token = 'secret';

  reset() {
    this.steps = 0;
    return { observation: float32([0]), info: {} };
  }

  step() {
    this.steps += 1;
    return {
      observation: float32([this.steps]),
      reward: 0,
      terminated: this.steps === 3,
      truncated: false,
      info: {},
    };
  }

  get goal() {
    return float32([0.25, 0.75]);
  }

  /**
   * HER's: of one transition or of a batch.
   * @param {Tensor} achieved
   * @param {Tensor} desired
   * @param {Value} infos
   */
  compute_reward(achieved, desired, infos) {
    const size = achieved.shape.at(-1) ?? 1;
    const count = achieved.data.length / size;
    const bonus = (/** @type {number} */ i) =>
      Array.isArray(infos) ? Number(/** @type {Record<string, Value>} */ (infos[i])?.bonus ?? 0) : 0;
    const rewards = Array.from({ length: count }, (_, row) => {
      let square = 0;
      for (let i = row * size; i < (row + 1) * size; i++)
        square += (Number(achieved.data[i]) - Number(desired.data[i])) ** 2;
      return (Math.sqrt(square) < 0.1 ? 0 : -1) + bonus(row);
    });
    if (achieved.shape.length === 1) return new Scalar('float64', rewards[0] ?? 0);
    return { dtype: /** @type {const} */ ('float64'), shape: [count], data: Float64Array.from(rewards) };
  }

  /** Changes the simulator. */
  move() {
    this.moved += 1n;
    return this.moved;
  }

  async moveSlowly() {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return this.move();
  }

  /** @param {Value[]} given */
  show(...given) {
    return given;
  }

  /** Writes into what it is given. @param {Tensor} array */
  consume(array) {
    const first = Number(array.data[0]);
    array.data[0] = -1;
    return first;
  }

  fail() {
    this.moved += 1n;
    throw new TypeError('the gripper is jammed');
  }

  never() {
    return new Promise(() => undefined);
  }

  opaque() {
    return { inner: [this.helper] };
  }

  /** @param {bigint} bytes */
  large(bytes) {
    return new Uint8Array(Number(bytes));
  }
}

/** @type {EnvRegistration} */
export const reachEnv = {
  id: 'Reach-v0',
  methods: [
    'compute_reward',
    'move',
    'moveSlowly',
    'show',
    'consume',
    'fail',
    'never',
    'opaque',
    'large',
    'missing',
  ],
  attributes: ['goal', 'steps', 'moved', 'helper', 'nothing'],
  make: () => new ReachEnv(),
};
