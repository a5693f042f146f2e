/** Who says that something failed decides what a client does about it: the words never do. */
import { inspect } from 'node:util';
import { type ServerDuplexStream, type ServerErrorResponse, type sendUnaryData, status } from '@grpc/grpc-js';
import { type ConnectOptions, connect, type ReconnectEvent } from '@gymwire/agent-sdk';
import { GymwireError, protocolVersion } from '@gymwire/protocol';
import { encodeError, envService, toStatus, type wire } from '@gymwire/protocol/wire';
import { describe, expect, it, onTestFinished } from 'vitest';
import { madeUpSession, serveGrpc } from '../support/grpc-server.ts';
import { serveCounting } from '../support/server.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

type Failure = Partial<ServerErrorResponse>;
type Method = 'Handshake' | 'ListEnvs' | 'MakeSession' | 'Interact';

/** A server whose first calls of a method, or whose first streams' first requests, fail so; then it serves. */
async function serveScripted(failures: Partial<Record<Method, readonly Failure[]>>) {
  const calls: Record<Method, number> = { Handshake: 0, ListEnvs: 0, MakeSession: 0, Interact: 0 };
  const next = (method: Method) => failures[method]?.[calls[method]++];
  const unary =
    <T>(method: Method, reply: T) =>
    (_: unknown, callback: sendUnaryData<T>) => {
      const failure = next(method);
      if (failure === undefined) callback(null, reply);
      else callback(failure);
    };
  const handlers = {
    Handshake: unary('Handshake', { protocolVersion, server: 'scripted' }),
    ListEnvs: unary('ListEnvs', { envs: [{ id: 'MadeUp-v0', description: 'x'.repeat(2000) }] }),
    MakeSession: unary('MakeSession', madeUpSession),
    CloseSession: (_: unknown, callback: sendUnaryData<object>) => callback(null, {}),
    Interact(call: ServerDuplexStream<wire.InteractRequest__Output, wire.InteractResponse>) {
      const failure = next('Interact');
      // Told once it has a request to answer, and by an error that is no break.
      const served = encodeError(new GymwireError('NOT_RESET', 'served'));
      call.on('data', (request: wire.InteractRequest__Output) => {
        if (request.attach) call.write({ attach: { lastSequence: 0 } });
        else if (failure === undefined) call.write(request.close ? { close: {} } : { error: served });
        else call.emit('error', failure);
      });
      call.on('end', () => call.end());
    },
  };
  return { address: await serveGrpc((server) => server.addService(envService, handlers)), calls };
}

async function connectTo(address: string, options: ConnectOptions = {}) {
  const events: Array<ReconnectEvent['type']> = [];
  const connection = await connect(address, {
    ...options,
    onReconnect: ({ type }) => void events.push(type),
  });
  onTestFinished(() => connection.close());
  return { connection, events };
}

/** What a promise is rejected with. */
async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise;
  } catch (error) {
    return error;
  }
}

const peer = (code: GymwireError['code'], message: string): Failure =>
  toStatus(new GymwireError(code, message));

describe('the same code, said by a peer and by the transport', () => {
  it('INTERNAL: a server that cannot make a session is asked once, one that was cut off again', async () => {
    // As gRPC words it on this side: a trap for whoever reads words.
    const words = 'MakeSession at 127.0.0.1:1: Received RST_STREAM with code 2';
    const own = await serveScripted({ MakeSession: [peer('INTERNAL', words)] });
    const { connection } = await connectTo(own.address);
    expect(await failureOf(connection.make('MadeUp-v0'))).toMatchObject({
      code: 'INTERNAL',
      origin: 'peer',
    });
    expect(own.calls.MakeSession).toBe(1);

    const cut = await serveScripted({ MakeSession: [{ code: status.INTERNAL, details: 'out of order' }] });
    const other = await connectTo(cut.address);
    const env = await other.connection.make('MadeUp-v0');
    expect(cut.calls.MakeSession).toBe(2);
    expect(other.events).toContain('broken');
    await env.close();
  });

  it('INTERNAL: a stream that a server ends stays ended, one that was cut off is attached again', async () => {
    const words = 'the session at 127.0.0.1:1: Received RST_STREAM with code 2';
    const own = await serveScripted({ Interact: [peer('INTERNAL', words)] });
    const { connection, events } = await connectTo(own.address);
    const env = await connection.make('MadeUp-v0');
    expect(await failureOf(env.reset())).toMatchObject({ code: 'INTERNAL', origin: 'peer' });
    expect([own.calls.Interact, events]).toEqual([1, []]);

    const cut = await serveScripted({ Interact: [{ code: status.INTERNAL, details: 'out of order' }] });
    const other = await connectTo(cut.address);
    const again = await other.connection.make('MadeUp-v0');
    expect(await failureOf(again.reset())).toMatchObject({ code: 'NOT_RESET', origin: 'peer' });
    expect([cut.calls.Interact, other.events]).toEqual([2, ['broken', 'attached']]);
  });

  it('UNAVAILABLE: a server that ends takes no session however often it is asked, a broken way may heal', async () => {
    const ending = await serveScripted({ MakeSession: [peer('SHUTTING_DOWN', 'the server ends')] });
    const { connection, events } = await connectTo(ending.address);
    const failure = await failureOf(connection.make('MadeUp-v0'));
    expect(failure).toMatchObject({ code: 'SHUTTING_DOWN', origin: 'peer' });
    expect([ending.calls.MakeSession, events]).toEqual([1, []]);

    const broken = await serveScripted({
      MakeSession: [{ code: status.UNAVAILABLE, details: 'the server ends' }],
    });
    const other = await connectTo(broken.address);
    await (await other.connection.make('MadeUp-v0')).close();
    expect([broken.calls.MakeSession, other.events]).toEqual([2, ['broken']]);
  });

  it('CAPACITY: a server that is full, and a message above a limit', async () => {
    const { connection: full } = await serveCounting({ terminateAfter: Infinity }, { maxSessions: 1 });
    const env = await full.make('Counting-v0');
    expect(await failureOf(full.make('Counting-v0'))).toMatchObject({ code: 'CAPACITY', origin: 'peer' });
    await env.close();
    const { address } = await serveScripted({});
    const { connection: small } = await connectTo(address, { maxMessageBytes: 1024 });
    expect(await failureOf(small.listEnvs())).toMatchObject({ code: 'CAPACITY', origin: 'transport' });
  });

  it('UNAUTHENTICATED: a server that wants a token, and a gateway before it', async () => {
    const token = 'a-token-of-the-clients';
    const { server } = await serveCounting({ terminateAfter: Infinity }, { token }, { token });
    const refused = { code: 'UNAUTHENTICATED', origin: 'peer' };
    expect(await failureOf(connect(server.address))).toMatchObject(refused);
    const gateway = await serveScripted({
      Handshake: [{ code: status.UNAUTHENTICATED, details: 'who is it?' }],
    });
    expect(await failureOf(connect(gateway.address))).toMatchObject({ ...refused, origin: 'transport' });
  });

  it('a handshake that a server refuses is no stranger’s answer, whatever its words', async () => {
    const words = 'Handshake at 127.0.0.1:1: Protocol error';
    for (const code of ['INTERNAL', 'VERSION_MISMATCH', 'MALFORMED'] as const) {
      const own = await serveScripted({ Handshake: [peer(code, words)] });
      const failure = await failureOf(connect(own.address));
      expect(failure).toMatchObject({ code, message: words, origin: 'peer' });
    }
    const stranger = await serveScripted({ Handshake: [{ code: status.INTERNAL, details: words }] });
    expect(await failureOf(connect(stranger.address))).toMatchObject({
      code: 'NOT_GYMWIRE',
      origin: 'transport',
    });
  });
});

describe('what is printed of an error', () => {
  it('of the peer is the error alone: gRPC’s own as its cause would say it once more, with its call stack', async () => {
    const { connection } = await serveCounting({ terminateAfter: 1 });
    const failure = await failureOf(connection.make('Countnig-v0'));
    expect(failure).toMatchObject({ code: 'UNKNOWN_ENV', origin: 'peer' });
    expect(failure).not.toHaveProperty('cause');
    expect(inspect(failure)).not.toContain('etadata');
  });

  it('of the way there has what gRPC says as its cause, in a line, without metadata', async () => {
    const failure = { code: status.INTERNAL, details: 'a proxy’s fault' };
    const { address } = await serveScripted({ ListEnvs: [failure] });
    const { connection } = await connectTo(address);
    const error = await failureOf(connection.listEnvs());
    expect(error).toMatchObject({ origin: 'transport', cause: { code: status.INTERNAL } });
    const [, cause] = inspect(error).split('[cause]:');
    expect(cause).not.toMatch(/\n +at /);
    expect(cause).toContain('a proxy’s fault');
    expect(cause).not.toContain('etadata');
  });
});

describe('what comes from neither', () => {
  it('a connection that is cut for good is the transport’s, with the first break as its cause', async () => {
    const { server } = await serveCounting({ terminateAfter: Infinity });
    const proxy = await startTcpProxy(server.address);
    const { connection } = await connectTo(proxy.address, { reconnectTimeoutMs: 200 });
    const env = await connection.make('Counting-v0');
    await env.reset();
    proxy.retarget('127.0.0.1:1');
    proxy.cut();
    const failure = await failureOf(env.step([0, 0]));
    expect(failure).toMatchObject({ code: 'SERVER_UNAVAILABLE', origin: 'transport' });
  });

  it('a deadline that passes is the transport’s: nobody said anything', async () => {
    const { server } = await serveCounting({ terminateAfter: Infinity });
    const proxy = await startTcpProxy(server.address);
    const { connection } = await connectTo(proxy.address, { callDeadlineMs: 100 });
    proxy.silence();
    expect(await failureOf(connection.listEnvs())).toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      origin: 'transport',
    });
  });

  it('what this side refuses is its own', async () => {
    expect(await failureOf(connect('nowhere'))).toMatchObject({ code: 'INVALID_ARGUMENT', origin: 'local' });
    const { connection } = await serveCounting({ terminateAfter: Infinity });
    const env = await connection.make('Counting-v0');
    await env.close();
    expect(await failureOf(env.reset())).toMatchObject({ code: 'SESSION_GONE', origin: 'local' });
    connection.close();
    expect(await failureOf(connection.listEnvs())).toMatchObject({ code: 'CANCELLED', origin: 'local' });
  });
});
