/** The way to a control loop: on this thread, or on one of its own. */
import { Worker } from 'node:worker_threads';
import { threadFlags, unpackError } from '@gymwire/env/host';
import type { Clock } from './clock.ts';
import { ControlLoop } from './control-loop.ts';
import { createHeartbeat, HeartbeatMonitor } from './heartbeat.ts';
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
  /** The loop stands still, and nobody commands the robot meanwhile; undefined: it goes on. */
  readonly onStandstill: (error: Error | undefined) => void;
}

/** How long a loop stands still before it is told; at least the watchdog's time. */
const standstillMs = 1000;

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
  { onEvent, onDeath, onStandstill }: LinkListeners,
): Promise<RobotLink> {
  const { url, exportName = 'createDriver', options } = module;
  const heartbeat = createHeartbeat();
  const workerData: RobotThreadData = {
    module: { url: String(url), exportName, options },
    settings,
    pollMs,
    heartbeat,
  };
  const worker = startThread(workerData);
  return new Promise<RobotLink>((resolve, reject) => {
    let isOpen = false;
    let endClose: ((error?: Error) => void) | undefined;
    const stopWatching = watchHeartbeat(heartbeat, Math.max(standstillMs, settings.watchdogMs), (error) => {
      if (!isOpen) return;
      if (error === undefined || endClose === undefined) return onStandstill(error);
      // It will not hear that it is to end.
      void worker.terminate();
      endClose(error);
    });
    const die = (error: Error) => {
      stopWatching();
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

function startThread(workerData: RobotThreadData): Worker {
  const flags = threadFlags(process.execArgv);
  return new Worker(new URL('./robot-thread.js', import.meta.url), { workerData, name: 'robot', ...flags });
}

/** @param tell is called with an error while the loop stands still, again and again, and without one when it goes on */
function watchHeartbeat(
  buffer: SharedArrayBuffer,
  limitMs: number,
  tell: (error: Error | undefined) => void,
): () => void {
  const monitor = new HeartbeatMonitor(buffer);
  const error = new Error(
    `the control loop has not ticked for ${Math.round(limitMs)} ms: its driver keeps the thread; ` +
      "the robot's own timeout must act",
  );
  const timer = setInterval(() => {
    const wasStill = monitor.isStill;
    monitor.look();
    if (monitor.isStill) tell(error);
    else if (wasStill) tell(undefined);
  }, limitMs / 2);
  // Nobody is kept alive by being watched.
  timer.unref();
  return () => clearInterval(timer);
}
