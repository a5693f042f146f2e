/**
 * Environments for threads and processes: JavaScript, which they import as it is. The options of a reset say how the
 * coming episode goes wrong, so that a mask can pick the environment.
 *
 * @import { Env, EnvRegistration } from '@gymwire/env-server'
 * @import { Info, Space, Tensor, Value } from '@gymwire/protocol'
 */
import { box, float32, GymwireError, Scalar, Tuple } from '@gymwire/protocol';

/**
 * @typedef {object} Situation
 * @property {number} step
 * @property {number} draw the episode's first random number
 * @property {Info} options of the reset
 */

/**
 * Infos of every kind: none, scalars under changing keys, and what only fits a message.
 * @param {Situation} situation
 * @returns {Info}
 */
function infoOf({ step, draw }) {
  switch (step % 5) {
    case 0:
      return {};
    case 1:
      return { x: draw, n: BigInt(step), ok: step % 2 === 1, f: new Scalar('float32', Math.fround(draw)) };
    case 2:
      return { n: BigInt(step), d: new Scalar('float64', -0), b: new Scalar('bool', 1), nan: Number.NaN };
    case 3:
      return { text: 'x', array: float32([draw]), nested: { tuple: new Tuple([1, [2n, null]]) } };
    default:
      return { big: 2n ** 60n + 1n, i: new Scalar('int64', 5n), bytes: Uint8Array.of(1, 2) };
  }
}

/** @param {Situation} situation */
function misbehave({ step, options }) {
  if (step !== Number(options.at ?? 0)) return;
  switch (options.fault) {
    case 'throw':
      throw new TypeError('the gearbox is on fire', { cause: new Error('no oil') });
    case 'coded':
      throw new GymwireError('UNSUPPORTED', 'not on Sundays', { details: { day: 'Sunday' } });
    case 'exit':
      process.exit(3);
      break;
    case 'uncaught':
      queueMicrotask(() => {
        throw new Error('out of thin air');
      });
      break;
    case 'busy': {
      const end = performance.now() + 300;
      while (performance.now() < end);
      break;
    }
    default:
  }
}

/**
 * @param {{observationSpace: Space, actionSpace: Space}} spaces
 * @param {(situation: Situation, action: Value) => Value} observe
 * @returns {Env}
 */
function createEnv({ observationSpace, actionSpace }, observe) {
  /** @type {Situation} */
  let now = { step: 0, draw: 0, options: {} };
  let length = 0;
  /** @param {Value} action */
  const step = (action) => {
    now = { ...now, step: now.step + 1 };
    misbehave(now);
    const reward = now.options.fault === 'nan-reward' ? Number.NaN : now.step + now.draw;
    const ended = now.step >= length;
    return {
      observation: observe(now, action),
      reward,
      terminated: ended && now.draw < 0.5,
      truncated: ended && now.draw >= 0.5,
      info: infoOf(now),
    };
  };
  return {
    observationSpace,
    actionSpace,
    reset({ random, options = {} }) {
      if (options.fault === 'reset') throw new Error('stuck');
      now = { step: 0, draw: random.random(), options };
      length = Number(options.length ?? random.integers(3, 9));
      const whose = options.fault === 'busy' ? { pid: BigInt(process.pid) } : {};
      return { observation: observe(now, null), info: { draw: now.draw, ...whose } };
    },
    step(action) {
      if (now.options.fault === 'never') return new Promise(() => undefined);
      return now.options.async === true ? Promise.resolve(action).then(step) : step(action);
    },
    render: () => ({ width: 1, height: 1, data: Uint8Array.of(now.step, 1, 2) }),
    close() {
      if (now.options.fault === 'close') throw new Error('the door is jammed');
    },
  };
}

/** @param {Value} action */
const first = (action) => Number(/** @type {Tensor | null} */ (action)?.data[0] ?? 0);

/** @returns {Env} */
function createBoxes() {
  const spaces = { observationSpace: box([0, 0, -9], [1, 99, 9]), actionSpace: box([-1, -2], [1, 2]) };
  return createEnv(spaces, ({ step, draw, options }, action) =>
    float32([draw, options.fault === 'nan' && step === 2 ? Number.NaN : step, first(action)]),
  );
}

/** @returns {Env} */
function createDicts() {
  const big = { dtype: /** @type {const} */ ('uint8'), shape: [4, 5, 3] };
  const pixels = (/** @type {number} */ value) => ({ ...big, data: new Uint8Array(60).fill(value) });
  const pair = new Float64Array([-9, -9]);
  /** @type {Space} */
  const observationSpace = {
    type: 'dict',
    entries: [
      ['camera', { type: 'box', low: pixels(0), high: pixels(255) }],
      ['arm', { type: 'tuple', spaces: [box([0], [99]), box([-9], [9])] }],
    ],
  };
  const low = { dtype: /** @type {const} */ ('float64'), shape: [2], data: pair };
  const high = { ...low, data: pair.map((x) => -x) };
  /** @type {Space} */
  const actionSpace = { type: 'dict', entries: [['torque', { type: 'box', low, high }]] };
  return createEnv({ observationSpace, actionSpace }, ({ step }, action) => ({
    camera: pixels(step),
    arm: new Tuple([
      float32([step]),
      float32([first(/** @type {{torque: Tensor} | null} */ (action)?.torque ?? null)]),
    ]),
  }));
}

/** Nothing of it has rows of one size. @returns {Env} */
function createWords() {
  /** @type {Space} */
  const observationSpace = { type: 'text', minLength: 0, maxLength: 9, charset: '0123456789' };
  /** @type {Space} */
  const actionSpace = { type: 'discrete', n: 4n, start: -1n, dtype: 'int64' };
  return createEnv({ observationSpace, actionSpace }, ({ step }, action) => `${step}${first(action) + 1}`);
}

/** @type {readonly EnvRegistration[]} */
export const hostedEnvs = [
  { id: 'Boxes-v0', make: createBoxes },
  { id: 'Dicts-v0', make: createDicts },
  { id: 'Words-v0', make: createWords },
  {
    id: 'Unmakeable-v0',
    make() {
      throw new Error('no such robot');
    },
  },
].map((registration) => ({ ...registration, renderModes: ['rgb_array'], maxEpisodeSteps: 7 }));
