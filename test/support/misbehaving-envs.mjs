/**
 * Environments that misbehave, one each way: JavaScript, which a worker or a process imports as it is. What a good
 * server makes of each is told by test/faults/misbehaving-envs.long.test.ts.
 *
 * @import { Env, EnvRegistration } from '@gymwire/env-server'
 */
import { box, float32, float64, GymwireError } from '@gymwire/protocol';

const observe = (x = 0) => float32([x]);
const good = (x = 0) => ({
  observation: observe(x),
  reward: 1,
  terminated: false,
  truncated: false,
  info: {},
});
const never = () => new Promise(() => undefined);
const forEver = () => {
  for (;;);
};

/** @param {number} ms */
function compute(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** @param {Record<string, unknown>} parts what is wrong with it */
const env = (parts) => () => ({
  observationSpace: box([-10], [10]),
  actionSpace: box([-1], [1]),
  reset: () => ({ observation: observe(), info: {} }),
  step: () => good(),
  ...parts,
});

/** @param {(action: { data: Float32Array }) => unknown} step */
const stepping = (step) => env({ step });
/** @param {Record<string, unknown>} parts of the step's result */
const answering = (parts) => stepping(() => ({ ...good(), ...parts }));
/** @param {() => unknown} info */
const informing = (info) => stepping(() => ({ ...good(), info: info() }));

/** @param {() => unknown} make an error's parts */
const throwing = (make) =>
  stepping(() => {
    throw make();
  });
const error = (/** @type {string} */ message) => () => {
  throw new Error(message);
};
const rejection = (/** @type {string} */ message) => async () => {
  throw new Error(message);
};

const shared = float32([0]);
/** @type {unknown[]} */
const leaked = [];

function deep() {
  let info = {};
  for (let i = 0; i < 100_000; i++) info = { info };
  return info;
}

function cyclic() {
  /** @type {Record<string, unknown>} */
  const info = {};
  info.info = info;
  return info;
}

/** Objects that V8 cannot free, until its heap ends. */
function exhaustHeap() {
  for (;;) leaked.push(Array.from({ length: 1000 }, (_, i) => ({ i })));
}

/** Memory that is no part of V8's heap; it stops before the machine suffers. */
function leak() {
  if (leaked.length < 30) leaked.push(new Uint8Array(50 * 2 ** 20).fill(1));
  return good();
}

/** @type {Readonly<Record<string, () => unknown>>} */
const makers = {
  ctorThrow: error('ctor'),
  ctorReject: rejection('ctor async'),
  ctorUndef: () => undefined,
  ctorNoSpaces: () => ({ reset: () => undefined, step: () => undefined }),
  ctorNever: never,
  ctorLoop: forEver,
  resetThrow: env({ reset: error('r') }),
  resetReject: env({ reset: rejection('r') }),
  resetNever: env({ reset: never }),
  resetLoop: env({ reset: forEver }),
  stepThrow: env({ step: error('s') }),
  stepReject: env({ step: rejection('s') }),
  stepNever: env({ step: never }),
  stepThrowUndefined: throwing(() => undefined),
  stepThrowNull: env({
    async step() {
      // oxlint-disable-next-line typescript/only-throw-error -- that is what is wrong with it
      throw null;
    },
  }),
  stepThrowSymbol: throwing(() => Symbol('x')),
  stepThrowEvil: throwing(() => ({ toString: error('evil') })),
  stepThrowEvilMsg: throwing(() =>
    Object.defineProperty(new Error('x'), 'message', { get: error('evil message') }),
  ),
  stepThrowNoProto: throwing(() => Object.create(null)),
  stepThrowProxy: throwing(
    () => new Proxy({}, { get: error('get'), has: error('has'), getPrototypeOf: error('prototype') }),
  ),
  // Half a surrogate pair has neither UTF-8 nor a percent-encoding.
  stepThrowHalf: throwing(() => new Error('a\ud800b')),
  stepThrowOddCode: throwing(() =>
    Object.assign(new GymwireError('ENV_FAILED', 'x'), { code: {}, details: { n: 5, s: Symbol('s') } }),
  ),
  stepThrowOwnCause: throwing(() => {
    const caused = new Error('x');
    caused.cause = caused;
    return caused;
  }),
  closeThrow: env({ close: error('c') }),
  closeReject: env({ close: rejection('c') }),
  closeNever: env({ close: never }),
  closeLoop: env({ close: forEver }),
  renderThrow: env({ render: error('render') }),
  renderBad: env({ render: () => ({ width: 1e9, height: 2, data: new Uint8Array(3) }) }),
  renderUndef: env({ render: () => undefined }),
  renderNever: env({ render: never }),
  wrongShape: answering({ observation: float32([1, 2]) }),
  wrongDtype: answering({ observation: float64([1]) }),
  rawArray: answering({ observation: [1] }),
  nanObs: answering({ observation: observe(Number.NaN) }),
  nanReward: answering({ reward: Number.NaN }),
  rewardString: answering({ reward: '1' }),
  rewardUndef: answering({ reward: undefined }),
  rewardBig: answering({ reward: 1n }),
  undef: stepping(() => undefined),
  nul: stepping(() => null),
  noInfo: answering({ info: undefined }),
  flagsUndef: answering({ terminated: undefined, truncated: undefined }),
  flagsStr: answering({ terminated: 'no', truncated: 0 }),
  negZero: answering({ observation: observe(-0), reward: -0 }),
  outOfSpace: answering({ observation: observe(1e9) }),
  mutateAction: stepping((action) => {
    action.data[0] = 77;
    return good();
  }),
  sameArray: stepping(() => {
    shared.data[0] += 1;
    return { ...good(), observation: shared };
  }),
  hugeInfo: informing(() => ({ x: 'y'.repeat(100 * 2 ** 20) })),
  manyInfo: informing(() => Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`k${i}`, i]))),
  deepInfo: informing(deep),
  cycInfo: informing(cyclic),
  funcInfo: informing(() => ({ f: () => undefined })),
  protoInfo: informing(() => JSON.parse('{"__proto__":{"a":1}}')),
  getterInfo: informing(() => Object.defineProperty({}, 'x', { enumerable: true, get: error('getter') })),
  symInfo: informing(() => ({ s: Symbol('a') })),
  dateInfo: informing(() => ({ s: new Date(0), m: new Map(), u: undefined })),
  bigInfo: informing(() => ({ s: 2n ** 70n })),
  proxyResult: stepping(() => new Proxy({}, { get: error('proxy') })),
  // oxlint-disable-next-line unicorn/no-thenable -- that is what is wrong with it
  thenable: stepping(() => ({ then: (/** @type {(result: unknown) => void} */ done) => done(good()) })),
  detachThrow: env({ detach: error('detach') }),
  detachReject: env({ detach: rejection('detach async') }),
  lateThrow: stepping(() => {
    setTimeout(error('late'), 20);
    return good();
  }),
  lateReject: stepping(() => {
    void Promise.reject(new Error('floating'));
    return good();
  }),
  lateExit: stepping(() => {
    setTimeout(() => process.exit(3), 20);
    return good();
  }),
  exit: stepping(() => process.exit(3)),
  abort: stepping(() => process.abort()),
  segfault: stepping(() => {
    process.kill(process.pid, 'SIGSEGV');
    compute(1000);
    return good();
  }),
  stackOverflow: stepping(() => {
    /** @returns {number} */
    const call = () => call() + 1;
    return call();
  }),
  slowSync: stepping(() => {
    compute(700);
    return good();
  }),
  loop: stepping(forEver),
  spam: stepping(() => {
    for (let i = 0; i < 2000; i++) process.stdout.write(`${'spam'.repeat(20)}\n`);
    return good();
  }),
  leak: stepping(leak),
  exhaustHeap: stepping(exhaustHeap),
  patchProto: stepping(() => {
    Object.defineProperty(Object.prototype, 'evil', { value: 1, enumerable: true, configurable: true });
    setTimeout(() => Reflect.deleteProperty(Object.prototype, 'evil'), 300);
    return good();
  }),
};

/** Those that never answer are given up after this long; the others have the server's limits. */
const impatient = /^(ctor|reset|step|close|render)?(never|loop)$/i;
const patience = { resetTimeoutMs: 500, stepTimeoutMs: 500, closeTimeoutMs: 500 };

/** @type {readonly EnvRegistration[]} */
export const misbehavingEnvs = Object.entries(makers).map(([name, make]) => ({
  id: `${name}-v0`,
  make: () => /** @type {Env} */ (make()),
  ...(name.startsWith('render') && { renderModes: ['rgb_array'] }),
  ...(impatient.test(name) && patience),
  // A process takes longer to start on a busy machine: then it is given up all the same.
  ...(/^ctor(Never|Loop)$/.test(name) && { makeTimeoutMs: 1000 }),
}));
