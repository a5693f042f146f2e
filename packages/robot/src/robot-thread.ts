import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { packError } from '@gymwire/env/host';
import { GymwireError, messageOf } from '@gymwire/protocol';
import { type Clock, createRealClock } from './clock.ts';
import { ControlLoop } from './control-loop.ts';
import { HeartbeatSender } from './heartbeat.ts';
import { ResetOverError } from './reset-run.ts';
import type { CreateRobotDriver, RobotDriver } from './robot-driver.ts';
import type { FromRobotThread, RobotThreadData, ToRobotThread } from './robot-thread-messages.ts';

/* Entry of a robot's control thread: its driver and its control loop, behind messages. */

async function createDriver({ url, exportName, options }: RobotThreadData['module']): Promise<RobotDriver> {
  const exports = (await import(url)) as Readonly<Record<string, unknown>>;
  const create = exports[exportName];
  if (typeof create === 'function') return (create as CreateRobotDriver<unknown>)(options);
  throw new GymwireError(
    'INVALID_ARGUMENT',
    `robot driver: expected a function in the export ${exportName} of ${url}, got ${typeof create}`,
  );
}

async function main(port: MessagePort, data: RobotThreadData): Promise<void> {
  const { module, settings, pollMs } = data;
  const tell = (message: FromRobotThread) => port.postMessage(message);
  const driver = await createDriver(module);
  await driver.open?.();
  const heartbeat = new HeartbeatSender(data.heartbeat);
  const clock = beating(createRealClock(pollMs), heartbeat);
  const loop = new ControlLoop(driver, settings, clock, (event) => tell({ kind: 'event', event }));
  port.on('message', (message: ToRobotThread) => {
    if (message.kind === 'request') return loop.handle(message.request);
    heartbeat.end();
    // What the driver keeps open must not keep the thread.
    void finish(tell, () => loop.close()).then(() => process.exit());
  });
  // A driver that fails between two ticks must not take the loop, and the robot's stop, with it.
  const stop = (thrown: unknown) => {
    // It tried to go on with a reset that is over, which moved nothing.
    if (thrown instanceof ResetOverError) {
      const message = `the driver left something of its reset behind: ${thrown.message}`;
      return tell({ kind: 'event', event: { kind: 'report', message } });
    }
    return loop.handle({ kind: 'emergency-stop', reason: `the driver failed: ${messageOf(thrown)}` });
  };
  process.on('uncaughtException', stop);
  process.on('unhandledRejection', stop);
  loop.start();
  tell({ kind: 'opened' });
}

/** Each tick is a wake-up; each that has come to its end is told. */
function beating(clock: Clock, heartbeat: HeartbeatSender): Clock {
  return {
    now: () => clock.now(),
    wake: (atMs, call) =>
      clock.wake(atMs, () => {
        call();
        heartbeat.beat();
      }),
  };
}

async function finish(tell: (message: FromRobotThread) => void, task: () => Promise<void>): Promise<void> {
  try {
    await task();
    tell({ kind: 'closed' });
  } catch (error) {
    tell({ kind: 'failed', error: packError(error) });
  }
}

if (parentPort !== null) {
  const port = parentPort;
  await main(port, workerData as RobotThreadData).catch((error: unknown) => {
    port.postMessage({ kind: 'failed', error: packError(error) } satisfies FromRobotThread);
  });
}
