/**
 * Serves the arm: `node examples/dist/robot/serve.js --robot 127.0.0.1:7000 [--port 50051]`. What the
 * operator types, each followed by Enter: `stop` (emergency stop), `clear` (ends it), `ok` (what a reset asked for is done).
 */
import '../plain-errors.ts';
import './end-with-parent.ts';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { startEnvServer } from '@gymwire/env-server';
import { startRobot } from '@gymwire/robot';
import type { ArmDriverOptions } from './arm-driver.ts';
import { armTask } from './arm-task.ts';

const { values } = parseArgs({
  options: {
    robot: { type: 'string', default: '127.0.0.1:7000' },
    port: { type: 'string', default: '50051' },
    'episode-steps': { type: 'string', default: '75' },
    'watchdog-ms': { type: 'string', default: String(armTask.watchdogMs) },
  },
});
const [host = '', port = ''] = values.robot.split(':');
const driverOptions: ArmDriverOptions = { host, port: Number(port) };

const robot = await startRobot({
  ...armTask,
  driver: { url: new URL('./arm-driver.js', import.meta.url), options: driverOptions },
  watchdogMs: Number(values['watchdog-ms']),
  // A trainer evaluates in a session of its own, and there is one arm.
  isShared: true,
});
const envs = [
  robot.registration({
    id: 'SwingArm-v0',
    description: 'A real arm with one motor: swing it up and hold it there.',
    maxEpisodeSteps: Number(values['episode-steps']),
  }),
];
// One arm: a client that asks for more environments is told so, and an evaluation makes do with one.
const server = await startEnvServer({ envs, port: Number(values.port), maxNumEnvs: 1 }).catch(
  async (error: unknown) => {
    await robot.close();
    throw error;
  },
);
console.log(`serving on ${server.address} (Ctrl-C stops)`);

const operator = createInterface({ input: process.stdin });
operator.on('line', (line) => {
  if (line === 'stop') robot.emergencyStop('the operator said so');
  if (line === 'clear') robot.clearEmergencyStop();
  if (line === 'ok') robot.confirm();
});
async function end(): Promise<void> {
  operator.close();
  await server.shutdown();
  await robot.close();
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end());
