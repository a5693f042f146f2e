/**
 * Environments that give more than a message has room for, by the action of a step: JavaScript, which threads and processes
 * import as it is.
 *
 * @import { Env, EnvRegistration } from '@gymwire/env'
 */
import { box, float32 } from '@gymwire/protocol';

/** What an action asks for. */
export const asks = { nothing: 0, error: 1, info: 2, uncaught: 3, print: 4 };

const mebi = 2 ** 20;

class LargeEnv {
  observationSpace = box([-1], [1]);
  actionSpace = box([0], [10]);
  steps = 0n;

  reset() {
    return { observation: float32([0]), info: {} };
  }

  /** @param {{ data: Float32Array | number[] }} action */
  step({ data: [ask] }) {
    this.steps += 1n;
    if (ask === asks.error) throw new RangeError('x'.repeat(80 * mebi));
    if (ask === asks.uncaught) setTimeout(() => this.fail(), 0);
    if (ask === asks.print) for (let i = 0; i < 100_000; i++) process.stdout.write(`contact ${i}\n`);
    // Of one environment no more than a message may have; of three, more.
    const info = ask === asks.info ? { log: 'y'.repeat(400_000) } : { steps: this.steps };
    const reply = { observation: float32([0]), reward: 0, terminated: false, truncated: false, info };
    return ask === asks.uncaught ? new Promise(() => undefined) : reply;
  }

  fail() {
    throw new Error('z'.repeat(80 * mebi));
  }

  render() {
    const [width, height] = [2000, 1000];
    return { width, height, data: new Uint8Array(width * height * 3) };
  }

  list() {
    return new Array(300_000).fill(1.5);
  }

  dictionaries() {
    return Array.from({ length: 300_000 }, (_, x) => ({ x }));
  }

  text() {
    return 'x'.repeat(80 * mebi);
  }
}

/** @type {readonly EnvRegistration[]} */
export const largeEnvs = [
  {
    id: 'Large-v0',
    renderModes: ['rgb_array'],
    methods: ['list', 'dictionaries', 'text'],
    make: () => /** @type {Env} */ (new LargeEnv()),
  },
  {
    id: 'Wide-v0',
    make: () => {
      const bounds = new Float32Array(200_000);
      const env = new LargeEnv();
      return {
        observationSpace: box(bounds.fill(-1), Float32Array.from(bounds).fill(1)),
        actionSpace: env.actionSpace,
        reset: () => ({ observation: float32(new Float32Array(bounds.length)), info: {} }),
        step: () => env.step({ data: [0] }),
      };
    },
  },
];
