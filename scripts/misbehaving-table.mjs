// What becomes of environments that misbehave, in the server's own thread, in a worker and in a process: a table in
// Markdown. `npm run build && node scripts/misbehaving-table.mjs [name…]`
import { misbehavingEnvs } from '../test/support/misbehaving-envs.mjs';
import { MisbehavingServer, Neighbour, playMisbehaving } from '../test/support/play-misbehaving.mjs';

/** @import { Place } from '../test/support/play-misbehaving.mjs' */

const places = /** @type {const} */ (['server', 'worker', 'process']);
const all = misbehavingEnvs.map(({ id }) => id.replace('-v0', ''));
const chosen = process.argv.slice(2);
const names = chosen.length === 0 ? all : all.filter((name) => chosen.includes(name));

/** One server after the other: the next one starts when one was hurt. */
class Stage {
  #place;
  /** @type {{ server: MisbehavingServer, neighbour: Neighbour } | undefined} */
  #open;

  /** @param {Place} place */
  constructor(place) {
    this.#place = place;
  }

  /** @param {string} name @returns what became of client, neighbour and server */
  async play(name) {
    this.#open ??= await this.#start();
    const { server, neighbour } = this.#open;
    // A server that hangs answers nobody: its client is given up.
    const told = await within(15_000, playMisbehaving(server.address, name), '');
    const isWell = await within(2000, neighbour.isWell(), false);
    if (isWell && server.isAlive) return shorten(told);
    const hurt = server.isAlive ? 'THE SERVER ANSWERS NOBODY' : 'THE SERVER ENDS';
    await server.stop('SIGKILL');
    await neighbour.leave();
    this.#open = undefined;
    return hurt;
  }

  async end() {
    await this.#open?.neighbour.leave();
    await this.#open?.server.stop();
  }

  async #start() {
    const server = await MisbehavingServer.start(this.#place);
    return { server, neighbour: await Neighbour.move(server.address) };
  }
}

/**
 * @template T
 * @param {number} ms
 * @param {Promise<T>} promise
 * @param {T} otherwise where it rejects, or takes longer
 * @returns {Promise<T>}
 */
function within(ms, promise, otherwise) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(otherwise), ms);
    void promise
      .catch(() => otherwise)
      .then((value) => {
        clearTimeout(timer);
        resolve(value);
      });
  });
}

/** @param {string} told */
function shorten(told) {
  const [line = ''] = told.replaceAll('|', '/').replaceAll('\n', ' ').split("; the server's ");
  return line.length > 130 ? `${line.slice(0, 129)}…` : line;
}

const stages = places.map((place) => new Stage(place));
console.log(`| environment | ${places.join(' | ')} |\n| --- | --- | --- | --- |`);
for (const name of names) {
  const cells = [];
  for (const stage of stages) cells.push(await stage.play(name));
  console.log(`| ${[name, ...cells].join(' | ')} |`);
}
for (const stage of stages) await stage.end();
