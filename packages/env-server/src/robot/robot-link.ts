/** The way to a control loop: on this thread, or on one of its own. */
import { Worker } from 'node:worker_threads';
import { unpackError } from '../threads/portable.ts';
import type { Clock } from './clock.ts';
import { ControlLoop } from './control-loop.ts';
import type { RobotDriver, RobotDriverModule } from './robot-driver.ts';
import type { LoopSettings, RobotEvent, RobotRequest } from './robot-messages.ts';
import type { FromRobotThread, RobotThreadData, ToRobotThread } from './robot-thread-messages.ts';

export interface RobotLink {
  send(request: RobotRequest): void;
  /** The safe action, then the driver's end. @throws what the driver's `close` throws */
  close(): Promise<void>;
}

export interface LinkListeners {
  readonly onEvent: (event: RobotEvent) => void;
  /** The loop is gone, and nobody commands the robot any more. */
  readonly onDeath: (error: Error) => void;
}

/** @throws what the driver's `open` throws */
export async function openLocalLink(
  driver: RobotDriver,
  settings: LoopSettings,
  clock: Clock,
  { onEvent }: LinkListeners,
): Promise<RobotLink> {
  await driver.open?.();
  const loop = new ControlLoop(driver, settings, clock, onEvent);
  loop.start();
  return { send: (request) => loop.handle(request), close: () => loop.close() };
}

/**
 * A thread that does nothing but control: what keeps this one busy, gRPC or a garbage collection, delays no tick.
 * @throws what the module, `createDriver` or `open` throws
 */
export async function openThreadLink(
  module: RobotDriverModule,
  settings: LoopSettings,
  pollMs: number | undefined,
  { onEvent, onDeath }: LinkListeners,
): Promise<RobotLink> {
  const { url, exportName = 'createDriver', options } = module;
  const workerData: RobotThreadData = { module: { url: String(url), exportName, options }, settings, pollMs };
  const worker = new Worker(new URL('./robot-thread.js', import.meta.url), { workerData, name: 'robot' });
  return new Promise<RobotLink>((resolve, reject) => {
    let isOpen = false;
    let endClose: ((error?: Error) => void) | undefined;
    const die = (error: Error) => {
      if (endClose !== undefined) endClose();
      else if (isOpen) onDeath(error);
      else reject(error);
    };
    const refuse = (error: Error) => {
      void worker.terminate();
      reject(error);
    };
    const send = (message: ToRobotThread) => worker.postMessage(message);
    const link: RobotLink = {
      send: (request) => send({ kind: 'request', request }),
      close: () =>
        new Promise<void>((closed, failed) => {
          endClose = (error) => (error === undefined ? closed() : failed(error));
          send({ kind: 'close' });
        }),
    };
    worker.on('message', (message: FromRobotThread) => {
      switch (message.kind) {
        case 'opened':
          isOpen = true;
          return resolve(link);
        case 'event':
          return onEvent(message.event);
        case 'failed':
          return (endClose ?? refuse)(unpackError(message.error));
        case 'closed':
          return endClose?.();
      }
    });
    worker.on('error', (error) => die(new Error(`the robot's control thread failed: ${error.message}`)));
    worker.on('exit', (code) => die(new Error(`the robot's control thread ended with exit code ${code}`)));
  });
}
