/** A robot that is one number, which goes where it is told; what it was told is written to a shared array. */
/** @typedef {import('@gymwire/robot').RobotDriver} RobotDriver */
/** @typedef {{ log: SharedArrayBuffer, failAtOpen?: boolean, throwLater?: boolean }} Options */

/**
 * Words of the log: commands written, of these actions, of these safe ones; the last command in thousandths. While
 * `blocked` is 1, `read` does not come back.
 */
export const WORDS = { writes: 0, actions: 1, safe: 2, last: 3, opened: 4, closed: 5, stops: 6, blocked: 7 };

/**
 * @param {Options} options
 * @returns {RobotDriver}
 */
export function createDriver({ log, failAtOpen, throwLater }) {
  const words = new Int32Array(log);
  let position = 0;
  return {
    open() {
      if (failAtOpen) throw new Error('no such serial port');
      Atomics.add(words, WORDS.opened, 1);
    },
    read() {
      Atomics.wait(words, WORDS.blocked, 1);
      return { values: [position] };
    },
    write([command = 0], kind) {
      position = command;
      if (kind === 'action') Atomics.add(words, WORDS.actions, 1);
      if (kind === 'safe') Atomics.add(words, WORDS.safe, 1);
      Atomics.store(words, WORDS.last, Math.round(command * 1000));
      Atomics.add(words, WORDS.writes, 1);
    },
    reset({ options, nextTick }) {
      if (options.leave === true) void nextTick();
      if (throwLater && options.fail === true) {
        setTimeout(() => {
          throw new Error('the bus is gone');
        });
      }
    },
    emergencyStop: () => void Atomics.add(words, WORDS.stops, 1),
    close: () => void Atomics.add(words, WORDS.closed, 1),
  };
}
