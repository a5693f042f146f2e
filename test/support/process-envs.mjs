/**
 * Environments that tell of the thread or process that they live in; a worker or a process imports them.
 *
 * @import { EnvRegistration } from '@gymwire/env-server'
 */
import { spawn } from 'node:child_process';
import { box, float32 } from '@gymwire/protocol';

const observation = () => float32([0]);

function createTellTale() {
  let detached = 0;
  /** @type {number | undefined} */
  let helper;
  /** @type {(() => void) | undefined} */
  let release;
  const result = () => ({
    observation: observation(),
    reward: 0,
    terminated: false,
    truncated: false,
    info: {
      pid: BigInt(process.pid),
      detached: BigInt(detached),
      ...(helper !== undefined && { helper: BigInt(helper) }),
    },
  });
  /** @type {Readonly<Record<number, () => unknown>>} */
  const commands = {
    0: result,
    // Waits for the end of the stream, and for nothing else.
    1: () =>
      new Promise((resolve) => {
        release = () => resolve(result());
      }),
    2: () => {
      for (;;);
    },
    3: () => {
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
      helper = child.pid;
      return result();
    },
    4: () => {
      process.stdout.write('a line of the simulator\n');
      process.stderr.write('a complaint of the simulator\n');
      throw new Error('the gearbox is on fire');
    },
  };
  return {
    observationSpace: box([-1], [1]),
    actionSpace: box([0], [9]),
    reset: () => ({ observation: observation(), info: {} }),
    /** @param {{ data: Float32Array }} action */
    step: (action) => commands[action.data[0]](),
    detach() {
      detached += 1;
      release?.();
    },
  };
}

/** @type {readonly EnvRegistration[]} */
export const processEnvs = [{ id: 'TellTale-v0', make: () => /** @type {never} */ (createTellTale()) }];
