/** What goes wrong outside: each fault has a clear message and a stable code, and what exists stays as it is. */
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { connect } from '@gymwire/agent-sdk';
import { startEnvServer } from '@gymwire/env-server';
import { type ErrorCode, float32, GymwireError, isTensor, type Value } from '@gymwire/protocol';
import { envService, toStatus } from '@gymwire/protocol/wire';
import { builtinEnvs } from '@gymwire/simulators';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serveGrpc } from '../support/grpc-server.ts';
import { localEnvs } from '../support/local-env.ts';
import { serveCounting } from '../support/server.ts';
import { smallRun, trainSmall } from '../support/small-training.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const code = (expected: ErrorCode, message: RegExp) =>
  expect.objectContaining({
    name: 'GymwireError',
    code: expected,
    message: expect.stringMatching(message),
  });

const batch = (rows: number, values: readonly number[]): Value => ({
  ...float32(values),
  shape: [rows, values.length / rows],
});

it.each([undefined, []])('a server that is handed no environments says so: %s', async (envs) => {
  await expect(startEnvServer({ envs: envs as [], port: 0 })).rejects.toThrow(
    expect.objectContaining({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/^envs: expected .* builtinEnvs of @gymwire\/simulators$/) as string,
    }),
  );
});

describe('actions of a vector session', () => {
  it.each<[string, Value | number[], ErrorCode, RegExp]>([
    ['fewer rows', batch(1, [0, 0]), 'BAD_ACTION', /expected a batch of 2 actions/],
    ['wider rows', batch(2, [0, 0, 0, 0, 0, 0]), 'BAD_ACTION', /environment 0: .*float32 \[2\], got .*\[3\]/],
    [
      'another dtype',
      { dtype: 'float64', shape: [2, 2], data: new Float64Array(4) },
      'BAD_ACTION',
      /environment 0: .*float32 \[2\], got float64/,
    ],
    ['no array', { left: 1 }, 'BAD_ACTION', /expected a batch of 2 actions/],
    ['an infinity', [0, 0, Infinity, 0], 'NON_FINITE_ACTION', /environment 1\[0\] is Infinity/],
    ['a number beyond its bound', [0, 0, 1.5, 0], 'ACTION_OUT_OF_BOUNDS', /environment 1\[0\] is 1.5, .* 1$/],
  ])('refuses %s, and no environment moves', async (_, action, expected, message) => {
    const { connection } = await serveCounting({ terminateAfter: 9 });
    const envs = await connection.makeVector('Counting-v0', { numEnvs: 2, outOfBoundsRule: 'reject' });
    await expect(envs.step(new Float32Array(4))).rejects.toThrow(code('NOT_RESET', /environment 0 has not/));
    await envs.reset();
    await expect(envs.step(action)).rejects.toThrow(code(expected, message));
    const { observation } = await envs.step(new Float32Array(4));
    expect(isTensor(observation) && [observation.data[1], observation.data[4]]).toEqual([1, 1]);
  });
});

describe('options of a session', () => {
  it('that nobody knows are refused by name', async () => {
    const { connection, server } = await serveCounting({ terminateAfter: 9 });
    const misspelt: object = { outOfBounds: 'reject' };
    await expect(connection.make('Counting-v0', misspelt)).rejects.toThrow(
      code('INVALID_ARGUMENT', /^make takes no "outOfBounds": did you mean outOfBoundsRule\?/),
    );
    await expect(connection.makeVector('Counting-v0', { numEnvs: 1, ...misspelt })).rejects.toThrow(
      code('INVALID_ARGUMENT', /^makeVector takes no "outOfBounds"/),
    );
    // @ts-expect-error -- how many?
    await expect(connection.makeVector('Counting-v0')).rejects.toThrow(
      code('INVALID_ARGUMENT', /^makeVector: expected options such as \{ numEnvs: 4 \}, got nothing/),
    );
    await expect(connection.makeVector('Counting-v0', 3 as never)).rejects.toThrow(
      code('INVALID_ARGUMENT', /^makeVector: expected options such as \{ numEnvs: 4 \}, got 3/),
    );
    await expect(connection.makeVector('Counting-v0', {} as never)).rejects.toThrow(
      code('INVALID_ARGUMENT', /^makeVector: numEnvs: expected the number of environments, got nothing/),
    );
    expect(server.sessionCount).toBe(0);
  });

  it('are no seed of a reset that is misspelt', async () => {
    const { connection } = await serveCounting({ terminateAfter: 9 });
    const env = await connection.make('Counting-v0');
    const misspelt: object = { sed: 1 };
    await expect(env.reset(misspelt)).rejects.toThrow(
      code('INVALID_ARGUMENT', /^reset takes no "sed": did you mean seed\?/),
    );
    await expect(env.reset(42 as never)).rejects.toThrow(
      code('INVALID_ARGUMENT', /^reset: expected options such as \{ seed: 1 \}, got 42/),
    );
    const envs = await connection.makeVector('Counting-v0', { numEnvs: 2 });
    const unknown: object = { seed: 1, masks: [true, false] };
    await expect(envs.reset(unknown)).rejects.toThrow(
      code('INVALID_ARGUMENT', /^reset takes no "masks": did you mean mask\?/),
    );
  });
});

/** Listens on a free port until the test is over. */
async function listen(server: TcpServer): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('an address with something else behind it', () => {
  const quiet = { noDelay: true };
  it.each<[string, () => TcpServer]>([
    [
      'talks first, as SSH does',
      () => createTcpServer(quiet, (socket) => void socket.write('SSH-2.0-x\r\n')),
    ],
    ['speaks HTTP/1', () => createHttpServer((_, response) => response.end('hello'))],
    ['speaks HTTP/2', () => createHttp2Server((_, response) => response.end('hello'))],
  ])('that %s is told from a gymwire server', async (_, create) => {
    const address = await listen(create());
    await expect(connect(address)).rejects.toThrow(
      code('NOT_GYMWIRE', new RegExp(`something answers at ${address}, but it is no gymwire server`)),
    );
  });

  it('that speaks gRPC, but not gymwire, is told too', async () => {
    const address = await serveGrpc(() => undefined);
    await expect(connect(address)).rejects.toThrow(code('NOT_GYMWIRE', /does not implement the method/));
  });

  it('that says nothing is given up on', async () => {
    const address = await listen(createTcpServer());
    await expect(connect(address, { connectTimeoutMs: 300 })).rejects.toThrow(
      code('DEADLINE_EXCEEDED', /Handshake at 127\.0\.0\.1:\d+: no answer within 300 ms/),
    );
  });

  it('that hangs up is a server that cannot be reached', async () => {
    const address = await listen(createTcpServer((socket) => void socket.destroy()));
    await expect(connect(address)).rejects.toThrow(code('SERVER_UNAVAILABLE', /Handshake at 127/));
  });

  it.each(['', 'localhost', '127.0.0.1', 'http://127.0.0.1:50051', '127.0.0.1:fast'])(
    'is not even tried when it is no address: "%s"',
    async (address) => {
      await expect(connect(address)).rejects.toThrow(code('INVALID_ARGUMENT', /expected host:port such as/));
    },
  );
});

describe('a server of another protocol version', () => {
  it('is refused by the client, with both versions named', async () => {
    const reply = {
      protocolVersion: { major: 2, minor: 1 },
      server: 'future-server/9',
      capabilities: [],
      maxMessageBytes: 1e6,
      maxNumEnvs: 1,
    };
    const address = await serveGrpc((server) =>
      server.addService(envService, {
        Handshake: (_: unknown, callback: (error: null, response: unknown) => void) => callback(null, reply),
      }),
    );
    await expect(connect(address)).rejects.toThrow(
      code('VERSION_MISMATCH', /future-server\/9 at 127.* speaks protocol 2\.1, this client .* 1\.3/),
    );
  });

  it('may refuse the client itself, and is quoted', async () => {
    const refusal = new GymwireError('VERSION_MISMATCH', 'this server speaks protocol 7.0 only');
    const address = await serveGrpc((server) =>
      server.addService(envService, {
        Handshake: (_: unknown, callback: (error: object) => void) => callback(toStatus(refusal)),
      }),
    );
    await expect(connect(address)).rejects.toThrow(code('VERSION_MISMATCH', /protocol 7\.0 only/));
  });

  it('that gives no reason of its own, such as a proxy, is quoted as it is', async () => {
    const address = await serveGrpc((server) =>
      server.addService(envService, {
        Handshake: (_: unknown, callback: (error: object) => void) =>
          callback({ code: status.FAILED_PRECONDITION, details: 'the moon is in the wrong phase' }),
      }),
    );
    await expect(connect(address)).rejects.toThrow(code('NOT_GYMWIRE', /moon is in the wrong phase/));
  });
});

describe('a server that goes away under a run', () => {
  it('is the cause of the error, what was learnt is saved, and the run goes on elsewhere', async () => {
    const server = await startEnvServer({ envs: builtinEnvs, port: 0 });
    const connection = await connect(server.address, { reconnectTimeoutMs: 300 });
    const runFolder = join(temporaryFolder(), 'run');
    let shutdown: Promise<void> | undefined;
    const failing = trainSmall(
      connection,
      {},
      {
        runFolder,
        onProgress(event) {
          if (event.type === 'step' && event.envSteps === 200) shutdown ??= server.shutdown();
        },
      },
    );
    await expect(failing).rejects.toMatchObject({
      name: 'AgentError',
      code: 'TRAINING_FAILED',
      message: expect.stringMatching(
        /shutting down; then .* gave up reconnecting after 300 ms — saved after [23]\d\d environment steps; to go on, resume/,
      ) as string,
      cause: code('SERVER_UNAVAILABLE', /shutting down/) as Error,
    });
    await shutdown;
    connection.close();
    const more = { options: { envId: smallRun.envId }, runFolder, resume: true };
    const resumed = await trainSmall(localEnvs('same-step'), {}, more);
    expect(resumed).toMatchObject({ status: 'completed', envSteps: 400, gradientSteps: 250 });
  });
});
