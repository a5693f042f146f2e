/**
 * Plays environments that misbehave beside a neighbour who must not notice.
 *
 * @import { ChildProcess } from 'node:child_process'
 * @import { EnvConnection, EnvClient } from '@gymwire/agent-sdk'
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { connect } from '@gymwire/agent-sdk';

/** @typedef {'server' | 'worker' | 'process'} Place */

const program = fileURLToPath(new URL('./misbehaving-server.mjs', import.meta.url));

export class MisbehavingServer {
  /** @type {ChildProcess} */
  #child;
  /** @type {string} */
  address;
  log = '';

  /** @param {ChildProcess} child @param {string} address */
  constructor(child, address) {
    this.#child = child;
    this.address = address;
    child.stderr?.on('data', (chunk) => {
      this.log = (this.log + String(chunk)).slice(-1e6);
    });
  }

  /** @param {Place} place */
  static async start(place) {
    const child = fork(program, [place], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    const lines = createInterface({ input: /** @type {NodeJS.ReadableStream} */ (child.stdout) });
    const [line] = await once(lines, 'line');
    return new MisbehavingServer(child, String(line).replace('serving ', ''));
  }

  get isAlive() {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Sessions that are open. */
  async sessionCount() {
    this.#child.send('count');
    const [count] = await once(this.#child, 'message');
    return Number(count);
  }

  /** @param {NodeJS.Signals} signal */
  async stop(signal = 'SIGTERM') {
    if (!this.isAlive) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await ended;
  }
}

/**
 * A client makes the environment, plays it, draws it and closes it, all as far as it gets.
 * @param {string} address
 * @param {string} name
 * @returns {Promise<string>} what the client was told: the first error, or that all went well
 */
export async function playMisbehaving(address, name) {
  const connection = await connect(address, { reconnectTimeoutMs: 0, callDeadlineMs: 30_000 });
  try {
    return await playOn(connection, name);
  } finally {
    // Also the end of the stream, for those that do something when they are detached.
    connection.close();
  }
}

/** @param {EnvConnection} connection @param {string} name @returns {Promise<string>} */
async function playOn(connection, name) {
  /** @type {string | undefined} */
  let firstError;
  /** @param {string} what @param {() => Promise<unknown>} call */
  const attempt = async (what, call) => {
    try {
      return await call();
    } catch (thrown) {
      const { code, message } = /** @type {{ code?: string, message: string }} */ (thrown);
      firstError ??= `${what}: ${code} ${message}`;
      return undefined;
    }
  };
  const isDrawn = name.startsWith('render');
  const made = /** @type {EnvClient | undefined} */ (
    await attempt('make', () => connection.make(`${name}-v0`, isDrawn ? { renderMode: 'rgb_array' } : {}))
  );
  if (made === undefined) return String(firstError);
  await attempt('reset', () => made.reset({ seed: 1 }));
  if (isDrawn) await attempt('render', () => made.render());
  const steps = name === 'leak' ? 20 : 3;
  for (let i = 0; i < steps && firstError === undefined; i++) {
    await attempt('step', () => made.step([0.5]));
    // What it does between two steps comes to light with the next.
    await pause(40);
  }
  if (!name.startsWith('detach')) await attempt('close', () => made.close());
  return firstError ?? 'all went well';
}

/** A neighbour's session: plays the same seeded episode over and over, and compares its bits. */
export class Neighbour {
  #connection;
  #env;
  /** @type {string | undefined} */
  #expected;
  #isGone = false;
  #playing;
  /** Whole episodes so far. */
  episodes = 0;
  /** What went wrong first. @type {string | undefined} */
  trouble;

  /** @param {EnvConnection} connection @param {EnvClient} env */
  constructor(connection, env) {
    this.#connection = connection;
    this.#env = env;
    this.#playing = this.#play();
  }

  /** @param {string} address */
  static async move(address) {
    const connection = await connect(address, { reconnectTimeoutMs: 0, callDeadlineMs: 30_000 });
    return new Neighbour(connection, await connection.make('Pendulum-v1'));
  }

  /** Waits for one more whole episode. @returns whether there was one, and all so far had the same bits */
  async isWell() {
    const next = this.episodes + 2;
    while (this.trouble === undefined && this.episodes < next) await pause(5);
    return this.trouble === undefined;
  }

  async leave() {
    this.#isGone = true;
    await this.#playing;
    this.#connection.close();
  }

  async #play() {
    while (!this.#isGone && this.trouble === undefined) {
      try {
        const played = await this.#episode();
        this.#expected ??= played;
        if (played !== this.#expected) this.trouble = 'an episode with other bits';
        this.episodes += 1;
      } catch (thrown) {
        this.trouble = String(thrown);
      }
    }
  }

  async #episode() {
    const { observation } = await this.#env.reset({ seed: 42 });
    /** @type {unknown[]} */
    const episode = [observation];
    for (let i = 0; i < 20; i++) {
      const step = await this.#env.step([Math.sin(i)]);
      episode.push(step.observation, step.reward);
      // It is there to be hurt, not to keep the machine busy.
      await pause(2);
    }
    return JSON.stringify(episode);
  }
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
