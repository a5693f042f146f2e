/** Methods and attributes that an operator lists, wherever the environments live. */
import { credentials } from '@grpc/grpc-js';
import { type ConnectOptions, connect } from '@gymwire/agent-sdk';
import { runConformance } from '@gymwire/conformance';
import { type Isolation } from '@gymwire/env';
import {
  createEnvRegistry,
  type EnvRegistration,
  type EnvServerOptions,
  startEnvServer,
} from '@gymwire/env-server';
import {
  type GymwireError,
  isTensor,
  nextSequence,
  Scalar,
  type Tensor,
  Tuple,
  type Value,
} from '@gymwire/protocol';
import { EnvServiceClient, fromServiceError, type wire } from '@gymwire/protocol/wire';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { reachEnv } from '../support/listed-envs.mjs';
import { startTcpProxy } from '../support/tcp-proxy.ts';

type Place = 'server' | 'threads' | Isolation;
const places: readonly Place[] = ['server', 'threads', 'worker', 'process'];
const module = { url: new URL('../support/listed-envs.mjs', import.meta.url), exportName: 'reachEnv' };
const code = (expected: GymwireError['code'], message: RegExp) =>
  expect.objectContaining({ code: expected, message: expect.stringMatching(message) });

async function serve(
  place: Place = 'server',
  options: Partial<EnvServerOptions> = {},
  connectOptions: ConnectOptions = {},
) {
  const hosting = place === 'worker' || place === 'process' ? { isolate: place } : {};
  const registration: EnvRegistration = { ...reachEnv, ...hosting, module, heavy: place === 'threads' };
  const envs = [registration];
  const logger = pino({ level: 'silent' });
  const server = await startEnvServer({ envs, port: 0, logger, envThreads: 2, ...options });
  const connection = await connect(server.address, connectOptions);
  onTestFinished(async () => {
    connection.close();
    await server.shutdown();
  });
  return { server, connection };
}

const matrix = (rows: readonly number[][]): Tensor => ({
  dtype: 'float32',
  shape: [rows.length, rows[0]?.length ?? 0],
  data: Float32Array.from(rows.flat()),
});
const vector = (...values: number[]): Tensor => ({
  dtype: 'float32',
  shape: [values.length],
  data: Float32Array.from(values),
});

describe.each(places)('in place: %s', (place) => {
  it('compute_reward of one transition and of a batch, with its infos, as HER asks for it', async () => {
    const { connection } = await serve(place);
    const env = await connection.make('Reach-v0');
    expect([env.spec.methods, env.spec.attributes]).toEqual([reachEnv.methods, reachEnv.attributes]);
    // Before a reset, too.
    expect(await env.call('compute_reward', [vector(0, 0), vector(0, 0.05), {}])).toEqual(
      new Scalar('float64', 0),
    );
    const [achieved, desired] = [
      matrix([
        [0, 0],
        [1, 1],
        [2, 2],
      ]),
      matrix([
        [0, 0.05],
        [0, 1],
        [2, 3],
      ]),
    ];
    const infos: Value = [{}, { bonus: 10 }, { bonus: 0, nested: { picture: vector(1) } }];
    const rewards = await env.call('compute_reward', [achieved, desired, infos]);
    expect(rewards).toEqual({ dtype: 'float64', shape: [3], data: Float64Array.of(0, 9, -1) });
    await env.reset();
    await env.step([0]);
    expect(await env.call('compute_reward', [achieved, desired, infos])).toEqual(rewards);
  });

  it('in order with resets and steps, of each environment or of some', async () => {
    const { connection } = await serve(place);
    const envs = await connection.makeVector('Reach-v0', { numEnvs: 3, autoresetMode: 'disabled' });
    const calls = [
      envs.read('steps'),
      envs.reset(),
      envs.step([0, 0, 0]),
      envs.read('steps'),
      envs.call('move'),
      envs.call('move', [], { envIndices: [1, 2] }),
      envs.step([0, 0, 0]),
      envs.read('steps', { envIndices: [2] }),
      envs.read('moved'),
    ];
    expect(await envs.call('consume', [vector(7)])).toEqual([7, 7, 7]);
    const [before, , , once, first, some, , twice, moved] = await Promise.all(calls);
    expect([before, once, first, some, twice, moved]).toEqual([
      [0, 0, 0],
      [1, 1, 1],
      [1n, 1n, 1n],
      [2n, 2n],
      [2],
      [1n, 2n, 2n],
    ]);
  });

  it('with the types that values have, keyword arguments after the others', async () => {
    const { connection } = await serve(place);
    const env = await connection.make('Reach-v0');
    const given: Value[] = [
      1n,
      1,
      'é😀',
      null,
      true,
      [1n, []],
      new Tuple([1n]),
      Uint8Array.of(1, 2),
      new Scalar('float32', 0.5),
      vector(1, 2),
      { a: { b: vector() } },
    ];
    expect(await env.call('show', given)).toEqual(given);
    expect(await env.call('show', [1n], { keywordArguments: { b: 2n, a: 'x' } })).toEqual([
      1n,
      { b: 2n, a: 'x' },
    ]);
    const goal = await env.read('goal');
    expect(isTensor(goal) && [...goal.data]).toEqual([0.25, 0.75]);
    expect(await env.read('nothing')).toBeNull();
  });

  it('a method that fails says why, and the episode goes on', async () => {
    const { connection } = await serve(place);
    const env = await connection.make('Reach-v0');
    await env.reset();
    await expect(env.call('fail')).rejects.toThrow(code('ENV_FAILED', /^call fail: .*the gripper is jammed/));
    await expect(env.call('opaque')).rejects.toThrow(code('ENV_FAILED', /^call opaque: .* cannot travel/));
    await expect(env.read('helper')).rejects.toThrow(code('ENV_FAILED', /^read helper: .* cannot travel/));
    await expect(env.call('missing')).rejects.toThrow(code('UNSUPPORTED', /no method missing/));
    expect(await env.step([0])).toMatchObject({ terminated: false });
    // It has been called all the same.
    expect(await env.read('moved')).toBe(1n);
    const envs = await connection.makeVector('Reach-v0', { numEnvs: 3 });
    await expect(envs.call('fail')).rejects.toThrow(code('ENV_FAILED', /jammed/));
    expect(await envs.read('moved')).toEqual([1n, 1n, 1n]);
  });

  it('a method that never answers ends its session, within the time of a step', async () => {
    const { connection } = await serve(place, { stepTimeoutMs: 200 }, { reconnectTimeoutMs: 0 });
    const env = await connection.make('Reach-v0');
    await expect(env.call('never')).rejects.toThrow(
      code('ENV_FAILED', /^call: the simulator did not answer within 200 ms/),
    );
    await expect(env.read('goal')).rejects.toThrow(code('SESSION_GONE', /./));
  });

  it('what is too large for a message is told, and the session goes on', async () => {
    const { connection } = await serve(place, { maxMessageBytes: 100_000 });
    const env = await connection.make('Reach-v0');
    await expect(env.call('large', [200_000n])).rejects.toThrow(
      code(
        'CAPACITY',
        /^call large: what it gave is too large: it: 200000 bytes so far, more than the \d{5} that it may have/,
      ),
    );
    const bytes = await env.call('large', [50_000n]);
    expect(bytes instanceof Uint8Array && bytes.length).toBe(50_000);
    await env.reset();
  });
});

/** What a client of another kind could send. */
async function rawSession() {
  const { server } = await serve();
  const client = new EnvServiceClient(server.address, credentials.createInsecure());
  onTestFinished(() => client.close());
  const ask = <T>(
    send: (done: (error: Parameters<typeof fromServiceError>[0] | null, reply?: T) => void) => void,
  ) =>
    new Promise<T>((resolve, reject) =>
      send((error, reply) =>
        reply === undefined
          ? reject(error === null ? new Error() : fromServiceError(error, 'call'))
          : resolve(reply),
      ),
    );
  const { sessionId } = await ask<wire.MakeSessionResponse>((done) =>
    client.makeSession({ envId: 'Reach-v0' }, done),
  );
  const call = (name: string, sequence = 0, envIndices: number[] = []) =>
    ask<wire.CallMethodResponse__Output>((done) =>
      client.callMethod({ sessionId, name, sequence, envIndices }, done),
    );
  const read = (name: string, envIndices: number[] = []) =>
    ask<wire.ReadAttributeResponse__Output>((done) =>
      client.readAttribute({ sessionId, name, envIndices }, done),
    );
  const reset = (sequence = 0) =>
    ask((done) => client.reset({ sessionId, sequence }, done as Parameters<typeof client.reset>[1]));
  return { call, read, reset };
}

describe('what is not listed', () => {
  it.each([
    'token',
    '_private',
    '__proto__',
    'constructor',
    'toString',
    'reset',
    'step',
    'close',
    'goal',
    'compute_reward.call',
    '',
  ])('%s is not called', async (name) => {
    const { call } = await rawSession();
    const message = /^call: Reach-v0 lists no method .*; it lists: compute_reward, move, /;
    await expect(call(name)).rejects.toThrow(code('UNSUPPORTED', message));
  });

  it.each([
    'token',
    '_private',
    '__proto__',
    'constructor',
    'observationSpace',
    'compute_reward',
    'goal.data',
  ])('%s is not read', async (name) => {
    const { read } = await rawSession();
    const message = /^read: Reach-v0 lists no attribute .*; it lists: goal, steps, moved, helper, nothing$/;
    await expect(read(name)).rejects.toThrow(code('UNSUPPORTED', message));
  });

  it('is refused by the client before it is asked', async () => {
    const { connection } = await serve();
    const env = await connection.make('Reach-v0');
    await expect(env.call('token')).rejects.toThrow(code('UNSUPPORTED', /lists no method "token"/));
    await expect(env.read('token')).rejects.toThrow(code('UNSUPPORTED', /lists no attribute "token"/));
  });

  it.each([[[1]], [[0, 0]], [[4_294_967_295]]])('environments %j are not there', async (indices) => {
    const { call, read } = await rawSession();
    await expect(call('move', 0, indices)).rejects.toThrow(
      code('INVALID_ARGUMENT', /indices of 1 environments/),
    );
    await expect(read('goal', indices)).rejects.toThrow(
      code('INVALID_ARGUMENT', /indices of 1 environments/),
    );
  });

  it.each<[string, Partial<EnvRegistration>, RegExp]>([
    ['underscores', { methods: ['_move'] }, /methods: "_move" is no name/],
    ['paths', { attributes: ['model.body_mass'] }, /attributes: "model.body_mass" is no name/],
    ['what is the server’s', { methods: ['step'] }, /methods: "step" cannot be listed/],
    ['what every object has', { attributes: ['constructor'] }, /"constructor" cannot be listed/],
    ['a name twice', { methods: ['move'], attributes: ['move'] }, /attributes: "move" is listed twice/],
  ])('an operator cannot list %s', (_, change, message) => {
    const register = () => createEnvRegistry([{ id: 'Reach-v0', make: reachEnv.make, ...change }]);
    expect(register).toThrow(code('INVALID_ARGUMENT', message));
  });
});

describe('a call happens once at most', () => {
  it('with its number: the kept answer comes again, a fault too, and calls count with resets', async () => {
    const { call, read, reset } = await rawSession();
    await reset(1);
    const first = await call('move', 2);
    expect(first).toMatchObject({ sequence: 2, results: [{ int: '1' }], fault: null });
    expect(await call('move', 2)).toEqual(first);
    const failed = await call('fail', 3);
    expect(failed).toMatchObject({ sequence: 3, results: [], fault: { code: 'ERROR_CODE_ENV_FAILED' } });
    expect(await call('fail', 3)).toEqual(failed);
    expect(await read('moved')).toMatchObject({ values: [{ int: '2' }] });
    for (const sequence of [2, 5]) {
      await expect(call('move', sequence)).rejects.toThrow(code('BAD_SEQUENCE', /call: expected .* 4/));
    }
    await expect(reset(3)).rejects.toThrow(code('BAD_SEQUENCE', /./));
    // What is refused takes no number.
    await expect(call('token', 4)).rejects.toThrow(code('UNSUPPORTED', /./));
    expect(await reset(nextSequence(3))).toMatchObject({ sequence: 4 });
    expect(await call('move')).toMatchObject({ sequence: 5, results: [{ int: '3' }] });
  });

  it('over connections that break', async () => {
    const { server } = await serve();
    const proxy = await startTcpProxy(server.address);
    const connection = await connect(proxy.address, { connectTimeoutMs: 20_000 });
    onTestFinished(() => connection.close());
    const env = await connection.make('Reach-v0');
    await env.reset();
    for (let i = 1; i <= 20; i++) {
      const moving = env.call('moveSlowly');
      // Under way in the server, or on its way to it.
      setTimeout(() => proxy.cut(), 10 * (i % 5));
      expect(await moving).toBe(BigInt(i));
      if (i % 3 === 0) await env.reset();
    }
    expect(await env.read('moved')).toBe(20n);
    expect(proxy.cuts).toBeGreaterThan(5);
  });
});

it('options of call and read are refused where they are misspelt: they would mean all environments', async () => {
  const { connection } = await serve();
  const env = await connection.make('Reach-v0');
  const vector = await connection.makeVector('Reach-v0', { numEnvs: 2 });
  const [args, wrong] = [[], { envIndexes: [1] }];
  const refused = code(
    'INVALID_ARGUMENT',
    /^(call|read) takes no "envIndexes": (did you mean envIndices|expected)/,
  );
  await expect(env.call('compute_reward', args, wrong as object)).rejects.toThrow(refused);
  await expect(vector.call('compute_reward', args, wrong as object)).rejects.toThrow(refused);
  await expect(vector.read('goal', wrong as object)).rejects.toThrow(refused);
  await expect(runConformance(Object.assign({ address: 'x' }, { claim: {} }))).rejects.toThrow(
    code('INVALID_ARGUMENT', /^runConformance takes no "claim": did you mean claims\?$/),
  );
});
