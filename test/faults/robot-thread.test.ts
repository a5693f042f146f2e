/** A robot whose control loop has a thread of its own, behind a real server. */
import { once } from 'node:events';
import { credentials } from '@grpc/grpc-js';
import { connect } from '@gymwire/agent-sdk';
import { startEnvServer } from '@gymwire/env-server';
import { box, float32, isTensor } from '@gymwire/protocol';
import { EnvServiceClient, encodeValue, type wire } from '@gymwire/protocol/wire';
import { type RobotOptions, startRobot } from '@gymwire/robot';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WORDS } from '../support/robot-driver.mjs';

const driverUrl = new URL('../support/robot-driver.mjs', import.meta.url);
const quiet = pino({ level: 'silent' });

async function createCell(
  options: Partial<RobotOptions> = {},
  driverOptions: Readonly<Record<string, boolean>> = {},
) {
  const log = new SharedArrayBuffer(32);
  const words = new Int32Array(log);
  const robot = await startRobot({
    driver: { url: driverUrl, options: { log, ...driverOptions } },
    logger: quiet,
    observationSpace: box([-1], [1]),
    actionSpace: box([-1], [1]),
    controlRateHz: 100,
    safeAction: [-0.5],
    watchdogMs: 5000,
    judge: ({ observation }) => ({ reward: observation[0] }),
    ...options,
  });
  const envs = [robot.registration({ id: 'Point-v0' })];
  const server = await startEnvServer({ envs, port: 0, logger: quiet });
  const connection = await connect(server.address);
  onTestFinished(async () => {
    connection.close();
    await server.shutdown();
    await robot.close().catch(() => undefined);
  });
  const read = (word: keyof typeof WORDS) => Atomics.load(words, WORDS[word]);
  const block = (isBlocked: boolean) => {
    Atomics.store(words, WORDS.blocked, Number(isBlocked));
    Atomics.notify(words, WORDS.blocked);
  };
  return { robot, server, connection, read, block };
}

describe("a robot's control thread", () => {
  it('carries steps out and brings what followed', async () => {
    const { connection, read } = await createCell();
    const env = await connection.make('Point-v0');
    expect(env.spec.nondeterministic).toBe(true);
    await env.reset();
    for (const target of [0.25, -0.75, 0.5]) {
      const { observation, reward, info } = await env.step([target]);
      expect(isTensor(observation) && [...observation.data]).toEqual([target]);
      expect([reward, info['stopped_by']]).toEqual([target, '']);
    }
    expect(read('actions')).toBe(3);
    await env.close();
    await expect.poll(() => read('last'), { timeout: 30_000 }).toBe(-500);
  });

  it('ticks on, and stops the robot, while the thread of the server is blocked', async () => {
    const { connection, read } = await createCell({ watchdogMs: 50 });
    const env = await connection.make('Point-v0');
    await env.reset();
    await env.step([1]);
    const before = { writes: read('writes'), safe: read('safe') };
    // Blocks this thread, and gRPC with it, until the other one has acted by itself.
    const isSafe = () => read('safe') > before.safe + 20;
    while (!isSafe()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    expect(read('writes')).toBeGreaterThan(before.writes + 20);
    const step = await env.step([1]);
    expect(step).toMatchObject({ truncated: true, terminated: false });
    expect(step.info['stopped_by']).toMatch(/^watchdog/);
    await env.reset();
    expect(await env.step([1])).toMatchObject({ truncated: false });
  });

  it('stops the robot when the client is gone, without waiting for the watchdog', async () => {
    const { connection, server, read } = await createCell({ watchdogMs: 600_000 });
    const client = new EnvServiceClient(server.address, credentials.createInsecure());
    onTestFinished(() => client.close());
    const { sessionId } = await new Promise<wire.MakeSessionResponse>((resolve, reject) => {
      client.makeSession({ envId: 'Point-v0' }, (error, made) =>
        made === undefined ? reject(error ?? new Error('no session')) : resolve(made),
      );
    });
    const stream = client.interact();
    stream.on('error', () => undefined);
    const answered = async (request: wire.InteractRequest) => {
      stream.write(request);
      await once(stream, 'data');
    };
    await answered({ attach: { sessionId } });
    await answered({ reset: { sequence: 1 } });
    await answered({ step: { sequence: 2, action: encodeValue(float32([1])) } });
    expect(read('last')).toBe(1000);
    stream.cancel();
    await expect.poll(() => read('last'), { timeout: 30_000 }).toBe(-500);
    await expect(connection.make('Point-v0')).rejects.toThrow(/in use/);
  });

  it('survives a driver that fails between two ticks: the robot is stopped', async () => {
    const { connection, robot, read } = await createCell({}, { throwLater: true });
    const env = await connection.make('Point-v0');
    const failing = env.reset({ options: { fail: true } });
    await failing.catch(() => undefined);
    await expect
      .poll(() => robot.emergency, { timeout: 30_000 })
      .toMatch(/the driver failed: the bus is gone/);
    await expect.poll(() => read('stops'), { timeout: 30_000 }).toBeGreaterThan(3);
    robot.clearEmergencyStop();
    await env.reset();
    expect(await env.step([1])).toMatchObject({ truncated: false });
  });

  it('goes on when a driver leaves something of its reset behind, which moves nothing', async () => {
    const { connection, robot } = await createCell();
    const env = await connection.make('Point-v0');
    await env.reset({ options: { leave: true } });
    expect(await env.step([1])).toMatchObject({ truncated: false });
    expect(robot.emergency).toBeUndefined();
  });

  it('that is kept by its driver, and with it the watchdog, is told to whoever waits for an answer', async () => {
    const { connection, block } = await createCell({ watchdogMs: 200 });
    const env = await connection.make('Point-v0');
    await env.reset();
    await env.step([1]);
    block(true);
    const standstill = {
      code: 'ENV_FAILED',
      message: expect.stringMatching(/the control loop has not ticked for/),
    };
    await expect(env.step([1])).rejects.toMatchObject(standstill);
    await expect(env.reset()).rejects.toMatchObject(standstill);
    block(false);
    await expect.poll(() => env.reset().then(() => 'reset', String), { timeout: 30_000 }).toBe('reset');
    expect(await env.step([1])).toMatchObject({ truncated: false });
  });

  it('that is kept by its driver can be closed all the same, which says so', async () => {
    const { robot, connection, block } = await createCell({ watchdogMs: 200 });
    const env = await connection.make('Point-v0');
    block(true);
    await expect(env.reset()).rejects.toThrow(/has not ticked/);
    await expect(robot.close()).rejects.toThrow(/the control loop has not ticked for/);
  });

  it('closes the driver at its end, once', async () => {
    const { robot, read } = await createCell();
    await Promise.all([robot.close(), robot.close()]);
    expect([read('opened'), read('closed'), read('last')]).toEqual([1, 1, -500]);
  });

  it.each<[string, Partial<RobotOptions>, Readonly<Record<string, boolean>>, RegExp]>([
    ['its driver does not open', {}, { failAtOpen: true }, /no such serial port/],
    [
      'its module lacks the export',
      { driver: { url: driverUrl, exportName: 'nothing' } },
      {},
      /expected a function in the export nothing of .*robot-driver.mjs, got undefined/,
    ],
    ['its module is not there', { driver: { url: new URL('nowhere.mjs', driverUrl) } }, {}, /nowhere\.mjs/],
  ])('does not start when %s', async (_, options, driverOptions, message) => {
    await expect(createCell(options, driverOptions)).rejects.toThrow(message);
  });
});
