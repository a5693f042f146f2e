/** Who runs a server sees its sessions and ends them; nobody else does. */
import { createHash } from 'node:crypto';
import { type ConnectOptions, connect } from '@gymwire/agent-sdk';
import { connectOperator } from '@gymwire/agent-sdk/parts';
import { float32 } from '@gymwire/protocol';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createRawClient } from '../support/raw-client.ts';
import { serveCounting } from '../support/server.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const token = 'the-clients-token-1234';
const operatorToken = 'the-operators-token-1234';
const counting = { terminateAfter: 999 };
const action = float32([0, 0]);
const patiently = { timeout: 30_000 };
const ended = {
  code: 'SESSION_GONE',
  message: 'the operator of this server ended the session',
  details: { ended_by: 'operator' },
};

function operate(address: string, options: ConnectOptions = { token: operatorToken }) {
  const operator = connectOperator(address, options);
  onTestFinished(() => operator.close());
  return operator;
}

describe('the operator’s service', () => {
  it('is not there without an operator’s token', async () => {
    const { server } = await serveCounting(counting);
    await expect(operate(server.address).listSessions()).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/no operator's side/),
    });
  });

  it('takes the operator’s token and no other, and that one opens nothing else', async () => {
    const { server } = await serveCounting(counting, { token, operatorToken }, { token });
    await expect(operate(server.address).listSessions()).resolves.toEqual({ sessions: [], maxSessions: 64 });
    for (const options of [{}, { token }, { token: `${operatorToken}5` }]) {
      const refused = { code: 'UNAUTHENTICATED', message: 'this server asks for a token' };
      await expect(operate(server.address, options).listSessions()).rejects.toMatchObject(refused);
      await expect(operate(server.address, options).endSession('x')).rejects.toMatchObject(refused);
    }
    await expect(connect(server.address, { token: operatorToken })).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });

  it('lets clients in as before where they need no token', async () => {
    const { connection } = await serveCounting(counting, { operatorToken });
    const env = await connection.make('Counting-v0');
    await expect(env.reset()).resolves.toMatchObject({ info: { start: true } });
  });

  it('refuses to have one token for both, or one that is none', async () => {
    await expect(serveCounting(counting, { token, operatorToken: token })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/operatorToken: expected another token/),
    });
    await expect(serveCounting(counting, { operatorToken: 'short' })).rejects.toMatchObject({
      message: expect.stringMatching(/^operatorToken: expected at least 16 characters/),
    });
  });

  it('tells who made a session, what it does, and nothing to use it with', async () => {
    let finish = (): void => undefined;
    const gate = new Promise<void>((resolve) => (finish = resolve));
    const { server, connection } = await serveCounting(
      { ...counting, beforeStep: () => gate },
      { operatorToken },
    );
    const operator = operate(server.address);
    const vector = await connection.makeVector('Counting-v0', { numEnvs: 3 });
    await vector.reset();
    const raw = createRawClient(server.address);
    const sessionId = await raw.make('Counting-v0');
    const step = vector.step({ dtype: 'float32', shape: [3, 2], data: new Float32Array(6) });
    await vi.waitFor(async () => {
      const { sessions } = await operator.listSessions();
      expect(sessions.map(({ busyMs }) => busyMs > 0)).toEqual([true, false]);
    }, patiently);
    const { sessions, maxSessions } = await operator.listSessions();
    const address = expect.stringMatching(/^127\.0\.0\.1:\d+$/);
    expect(maxSessions).toBe(64);
    expect(sessions).toMatchObject([
      { envId: 'Counting-v0', numEnvs: 3, peer: address, isAttached: true, idleMs: 0, calls: 1 },
      { envId: 'Counting-v0', peer: address, isAttached: false, busyMs: 0, calls: 0 },
    ]);
    expect(sessions[0]?.client).toMatch(/^gymwire-agent-sdk\/\S+ grpc-node-js/);
    expect(sessions[0]?.ageMs).toBeGreaterThanOrEqual(sessions[1]?.ageMs ?? 0);
    expect(sessions[1]?.handle).toBe(createHash('sha256').update(sessionId).digest('hex').slice(0, 12));
    expect(JSON.stringify(sessions)).not.toContain(sessionId);
    finish();
    await step;
    const [after] = (await operator.listSessions()).sessions;
    expect(after).toMatchObject({ busyMs: 0, calls: 2 });
  });
});

describe('a session that the operator ends', () => {
  async function serveOne(options: ConnectOptions = {}) {
    let closed = 0;
    const onClose = () => void (closed += 1);
    const { server, connection } = await serveCounting({ ...counting, onClose }, { operatorToken }, options);
    const operator = operate(server.address);
    const endOnly = async () => {
      const [session] = (await operator.listSessions()).sessions;
      return operator.endSession(session?.handle ?? '');
    };
    return { server, connection, operator, endOnly, closed: () => closed };
  }

  it('ends its stream at once, and its client makes no other one', async () => {
    const events: string[] = [];
    const { server, connection, endOnly, closed } = await serveOne({
      onReconnect: ({ type }) => void events.push(type),
    });
    const env = await connection.make('Counting-v0');
    await env.reset({ seed: 1 });
    expect(await endOnly()).toMatchObject({ envId: 'Counting-v0', isAttached: true, calls: 1 });
    await expect(env.step(action)).rejects.toMatchObject(ended);
    await expect(env.reset()).rejects.toMatchObject(ended);
    await vi.waitFor(() => expect([server.sessionCount, closed()]).toEqual([0, 1]), patiently);
    expect(events).toEqual([]);
    await env.close();
  });

  it('is told of to a client whose stream was broken just then', async () => {
    const { server, endOnly } = await serveOne();
    const proxy = await startTcpProxy(server.address);
    const connection = await connect(proxy.address);
    onTestFinished(() => connection.close());
    const env = await connection.make('Counting-v0');
    await env.reset({ seed: 1 });
    proxy.silence();
    const step = env.step(action);
    await endOnly();
    proxy.cut();
    await expect(step).rejects.toMatchObject(ended);
  });

  it('is told of in calls that are not on a stream, too', async () => {
    const { server, operator, endOnly } = await serveOne();
    const raw = createRawClient(server.address);
    const sessionId = await raw.make('Counting-v0');
    const { handle } = await endOnly();
    await expect(raw.call('Reset', { sessionId })).rejects.toMatchObject(ended);
    await expect(raw.call('CloseSession', { sessionId })).resolves.toEqual({});
    await expect(operator.endSession(handle)).rejects.toMatchObject({
      code: 'SESSION_GONE',
      message: `no session "${handle}" is open here`,
    });
  });

  it('gives its place free while a call is under way that never ends', async () => {
    const never = new Promise<void>(() => undefined);
    const { server } = await serveCounting(
      { ...counting, beforeStep: () => never },
      { operatorToken, maxSessions: 1 },
    );
    const connection = await connect(server.address);
    onTestFinished(() => connection.close());
    const env = await connection.make('Counting-v0');
    await env.reset({ seed: 1 });
    const step = env.step(action);
    const operator = operate(server.address);
    const [session] = (await operator.listSessions()).sessions;
    await operator.endSession(session?.handle ?? '');
    await expect(step).rejects.toMatchObject(ended);
    await vi.waitFor(async () => (await connection.make('Counting-v0')).reset(), patiently);
  });
});
