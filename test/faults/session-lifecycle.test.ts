import { once } from 'node:events';
import { credentials, type requestCallback, type ServiceError } from '@grpc/grpc-js';
import { connect } from '@gymwire/agent-sdk';
import { startEnvServer } from '@gymwire/env-server';
import { float32, type GymwireError, isTensor, type Value } from '@gymwire/protocol';
import {
  decodeError,
  decodeStepResult,
  EnvServiceClient,
  encodeValue,
  fromServiceError,
  type wire,
} from '@gymwire/protocol/wire';
import { builtinEnvs } from '@gymwire/simulators';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serveCounting } from '../support/server.ts';

const code = (expected: GymwireError['code'], message: RegExp) =>
  expect.objectContaining({ code: expected, message: expect.stringMatching(message) });
const action = encodeValue(float32([0, 0]));
/** Polls this long, since the machine may be busy. */
const patiently = { timeout: 30_000 };

/** The bare generated client, for what a well-behaved client never does. */
function bareClient(address: string) {
  const client = new EnvServiceClient(address, credentials.createInsecure());
  onTestFinished(() => client.close());
  const unary = <Response>(start: (callback: requestCallback<Response>) => unknown) =>
    new Promise<Response>((resolve, reject) => {
      start((error, response) => {
        if (error !== null) reject(fromServiceError(error, 'test'));
        else if (response !== undefined) resolve(response);
      });
    });
  return { client, unary };
}

async function makeBare(address: string) {
  const { client, unary } = bareClient(address);
  const { sessionId } = await unary<wire.MakeSessionResponse>((done) =>
    client.makeSession({ envId: 'Counting-v0' }, done),
  );
  return { client, unary, sessionId };
}

/** Sends one message and waits for its response. */
async function exchange(
  stream: ReturnType<InstanceType<typeof EnvServiceClient>['interact']>,
  request: wire.InteractRequest,
) {
  stream.write(request);
  const [response] = (await once(stream, 'data')) as [wire.InteractResponse__Output];
  return response;
}

describe('sequence numbers', () => {
  it('answer a repeated request from the kept reply, over unary calls too', async () => {
    const { server } = await serveCounting({ terminateAfter: 99 });
    const { client, unary, sessionId } = await makeBare(server.address);
    await unary((done) => client.reset({ sessionId, sequence: 1 }, done));
    const step = (sequence: number) =>
      unary<Parameters<typeof decodeStepResult>[0]>((done) =>
        client.step({ sessionId, sequence, action }, done),
      );
    const first = await step(2);
    expect(await step(2)).toEqual(first);
    expect(decodeStepResult(await step(3), 1).infos.get(0)).toEqual({ step: 2n });
    await expect(step(5)).rejects.toThrow(code('BAD_SEQUENCE', /expected sequence number 4, got 5/));
    await expect(step(2)).rejects.toThrow(code('BAD_SEQUENCE', /expected sequence number 4, got 2/));
    expect(decodeStepResult(await step(0), 1).infos.get(0)).toEqual({ step: 3n });
  });

  it('are not taken by a request that fails', async () => {
    const { server } = await serveCounting({ terminateAfter: 99 });
    const { client, unary, sessionId } = await makeBare(server.address);
    await unary((done) => client.reset({ sessionId, sequence: 1 }, done));
    const bad = unary((done) => client.step({ sessionId, sequence: 2 }, done));
    await expect(bad).rejects.toThrow(code('MALFORMED', /action: expected a value/));
    await unary((done) => client.step({ sessionId, sequence: 2, action }, done));
  });
});

describe('a stream', () => {
  it('must attach first, to a session that exists and that no other stream holds', async () => {
    const { server } = await serveCounting({ terminateAfter: 99 });
    const { client, sessionId } = await makeBare(server.address);
    const failure = async (first: wire.InteractRequest) => {
      const stream = client.interact();
      stream.write(first);
      const [error] = await once(stream, 'error').catch((thrown: unknown) => [thrown]);
      return fromServiceError(error, 'test');
    };
    expect(await failure({ step: { action } })).toEqual(code('MALFORMED', /first message .* attach/));
    expect(await failure({ attach: { sessionId: 'guess' } })).toEqual(
      code('SESSION_GONE', /no such session/),
    );
    const holder = client.interact();
    holder.on('error', () => undefined);
    await exchange(holder, { attach: { sessionId } });
    expect(await failure({ attach: { sessionId } })).toEqual(code('SESSION_BUSY', /another stream/));
    holder.end();
  });

  it('survives bad requests, and its session survives the stream', async () => {
    const { server } = await serveCounting({ terminateAfter: 99 });
    const { client, sessionId } = await makeBare(server.address);
    const stream = client.interact();
    await exchange(stream, { attach: { sessionId } });
    const empty = await exchange(stream, {});
    expect(empty.error && decodeError(empty.error)).toEqual(code('MALFORMED', /expected a reset, step/));
    await exchange(stream, { reset: { sequence: 1, seed: 3 } });
    await exchange(stream, { step: { sequence: 2, action } });
    stream.on('error', () => undefined);
    stream.cancel();

    // The same session from another stream: the last reply is still there.
    await expect
      .poll(async () => {
        const again = client.interact();
        again.on('error', () => undefined);
        again.write({ attach: { sessionId } });
        const [response] = (await once(again, 'data').catch(() => [undefined])) as [
          wire.InteractResponse__Output?,
        ];
        const repeated = response && (await exchange(again, { step: { sequence: 2, action } }));
        again.end();
        return repeated?.step && decodeStepResult(repeated.step, 1).infos.get(0);
      })
      .toEqual({ step: 1n });
  });

  it('takes a session over from another one, with the request that is under way', async () => {
    let release: () => void = () => undefined;
    let entered: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const inside = new Promise<void>((resolve) => (entered = resolve));
    let steps = 0;
    const beforeStep = () => {
      steps += 1;
      entered();
      return gate;
    };
    const { server } = await serveCounting({ terminateAfter: 99, beforeStep });
    const { client, sessionId } = await makeBare(server.address);
    const old = client.interact();
    const end = once(old, 'error').catch((thrown: unknown) => [thrown]);
    await exchange(old, { attach: { sessionId } });
    await exchange(old, { reset: { sequence: 1 } });
    old.write({ step: { sequence: 2, action } });
    old.write({ step: { sequence: 3, action } });
    await inside;

    const heir = client.interact();
    heir.on('error', () => undefined);
    const { attach } = await exchange(heir, { attach: { sessionId, takeOver: true } });
    expect(attach?.lastSequence).toBe(1);
    const [error] = await end;
    expect(fromServiceError(error, 'test')).toEqual(code('SESSION_BUSY', /another stream has taken/));
    const repeated = exchange(heir, { step: { sequence: 2, action } });
    release();
    expect((await repeated).step?.sequence).toBe(2);
    expect(steps).toBe(1);
    heir.end();
  });

  it('holds a session that it has taken over until it ends, whatever the one before it does', async () => {
    const { server } = await serveCounting({ terminateAfter: 99 });
    const { client, sessionId } = await makeBare(server.address);
    const open = async (takeOver: boolean) => {
      const stream = client.interact();
      stream.on('error', () => undefined);
      stream.write({ attach: { sessionId, takeOver } });
      const [answer] = await once(stream, 'data').catch((thrown: unknown) => [thrown]);
      return {
        stream,
        code: answer instanceof Error ? fromServiceError(answer as ServiceError, '').code : '',
      };
    };
    const first = await open(true);
    const second = await open(true);
    first.stream.cancel();
    expect((await open(false)).code).toBe('SESSION_BUSY');
    second.stream.cancel();
    await expect.poll(async () => (await open(false)).code).toBe('');
  });

  it('that ends tells the environment, also while a step is under way', async () => {
    let detached = 0;
    let entered: () => void = () => undefined;
    let release: () => void = () => undefined;
    const inside = new Promise<void>((resolve) => (entered = resolve));
    const gate = new Promise<void>((resolve) => (release = resolve));
    const beforeStep = () => {
      entered();
      return gate;
    };
    const { server } = await serveCounting({
      terminateAfter: 99,
      beforeStep,
      onDetach: () => (detached += 1),
    });
    const { client, sessionId } = await makeBare(server.address);
    const stream = client.interact();
    stream.on('error', () => undefined);
    await exchange(stream, { attach: { sessionId } });
    await exchange(stream, { reset: { sequence: 1 } });
    stream.write({ step: { sequence: 2, action } });
    await inside;
    expect(detached).toBe(0);
    stream.cancel();
    await expect.poll(() => detached).toBe(1);
    release();
  });

  it('answers requests in order, however fast they come', async () => {
    const { connection } = await serveCounting({
      terminateAfter: 99,
      beforeStep: () => new Promise((go) => setImmediate(go)),
    });
    const env = await connection.make('Counting-v0');
    await env.reset();
    const env2 = await connection.make('Counting-v0');
    await env2.reset();
    const both = await Promise.all([env.step([0, 0]), env2.step([1, 0])]);
    expect(both.map((step) => step.info)).toEqual([{ step: 1n }, { step: 1n }]);
  });
});

describe('a client that does not wait', () => {
  it('has its steps carried out one after the other, each once', async () => {
    const { connection } = await serveCounting({ terminateAfter: 99 });
    const env = await connection.make('Counting-v0');
    await env.reset();
    const steps = await Promise.all([env.step([0.25, 0]), env.step([-0.25, 0]), env.step([0.5, 0])]);
    const seen = steps.map(({ observation }) =>
      isTensor(observation) ? [...observation.data].slice(1) : [],
    );
    expect(seen).toEqual([
      [1, 0.25],
      [2, -0.25],
      [3, 0.5],
    ]);
    expect((await env.step([0, 0])).info).toEqual({ step: 4n });
  });

  it('is not read ahead: requests wait on its own side while a step takes its time', async () => {
    let running = 0;
    let most = 0;
    const beforeStep = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
    };
    const { server } = await serveCounting({ terminateAfter: 99, beforeStep });
    const { client, sessionId } = await makeBare(server.address);
    const stream = client.interact();
    // The server's end, after the test.
    stream.on('error', () => undefined);
    await exchange(stream, { attach: { sessionId } });
    await exchange(stream, { reset: { sequence: 1 } });
    const answers: (number | undefined)[] = [];
    const all = new Promise<void>((resolve) => {
      stream.on('data', (response: wire.InteractResponse__Output) => {
        answers.push(response.step?.sequence);
        if (answers.length === 20) resolve();
      });
    });
    for (let i = 0; i < 20; i++) stream.write({ step: { sequence: i + 2, action } });
    await all;
    expect(answers).toEqual(Array.from({ length: 20 }, (_, i) => i + 2));
    expect(most).toBe(1);
    stream.end();
  });
});

describe('a simulator that misbehaves', () => {
  const loop: Record<string, Value> = {};
  loop.self = loop;

  it.each([
    ['an integer beyond 64 bits', 2n ** 64n],
    ['a loop', loop],
  ])('with %s in its info fails where infos are strict, and a reset recovers', async (_, extra) => {
    const options = { terminateAfter: 9, stepInfo: () => extra };
    const { connection } = await serveCounting(options, { strictInfo: true });
    const env = await connection.make('Counting-v0');
    await env.reset();
    await expect(env.step([0, 0])).rejects.toThrow(code('ENV_FAILED', /info that cannot travel/));
    await expect(env.step([0, 0])).rejects.toThrow(code('NOT_RESET', /failed; reset it first/));
    await env.reset();
  });
});

describe('an error as long as a book', () => {
  it('arrives shortened, and the connection lives on', async () => {
    const { connection } = await serveCounting({ terminateAfter: 9 });
    const refused = connection.make('x'.repeat(1_000_000));
    await expect(refused).rejects.toThrow(code('UNKNOWN_ENV', /… \(\d+ characters\)$/));
    expect(await connection.listEnvs()).toHaveLength(1);
  });
});

describe('limits', () => {
  it('cap sessions and environments, and free their places on close', async () => {
    let closed = 0;
    const { connection, server } = await serveCounting(
      { terminateAfter: 9, onClose: () => (closed += 1) },
      { maxSessions: 2, maxTotalEnvs: 5, maxNumEnvs: 4 },
    );
    const first = await connection.makeVector('Counting-v0', { numEnvs: 4 });
    await expect(connection.makeVector('Counting-v0', { numEnvs: 2 })).rejects.toThrow(
      code('CAPACITY', /4 of 5/),
    );
    const second = await connection.make('Counting-v0');
    await expect(connection.make('Counting-v0')).rejects.toThrow(code('CAPACITY', /all 2 sessions/));
    await expect(connection.makeVector('Counting-v0', { numEnvs: 9 })).rejects.toThrow(
      code('INVALID_ARGUMENT', /num_envs: expected 1 to 4, got 9/),
    );
    await first.close();
    expect(closed).toBe(4);
    await connection.makeVector('Counting-v0', { numEnvs: 4 });
    await second.close();
    expect(server.sessionCount).toBe(1);
    await expect(second.step([0, 0])).rejects.toThrow(code('SESSION_GONE', /was closed/));
    await second.close();
  });

  it('reap an idle session that no stream holds, and none that one holds', async () => {
    let closed = 0;
    const { server, connection } = await serveCounting(
      { terminateAfter: 9, onClose: () => (closed += 1) },
      { idleTimeoutMs: 1000 },
    );
    const held = await connection.make('Counting-v0');
    // Made later: when it is reaped, the one before has been idle for longer.
    await makeBare(server.address);
    await expect.poll(() => server.sessionCount, patiently).toBe(1);
    await expect.poll(() => closed, patiently).toBe(1);
    await held.reset();
  });

  it('refuse a message that is too large without losing the server', async () => {
    const { server, connection } = await serveCounting({ terminateAfter: 9 }, { maxMessageBytes: 4096 });
    const env = await connection.make('Counting-v0');
    await env.reset();
    const { client, unary, sessionId } = await makeBare(server.address);
    const big = encodeValue(new Uint8Array(10_000));
    await expect(unary((done) => client.step({ sessionId, action: big }, done))).rejects.toThrow(
      /^CAPACITY: expected a message of at most 4096 bytes here, got one of 10\d{3}$|^expected a message of at most 4096 bytes/,
    );
    await env.step([0, 0]);
  });
});

describe('a server that goes away', () => {
  it('ends its streams with SHUTTING_DOWN and closes its simulators', async () => {
    let closed = 0;
    const { connection, server } = await serveCounting(
      { terminateAfter: 9, onClose: () => (closed += 1) },
      {},
      { reconnectTimeoutMs: 0 },
    );
    const env = await connection.make('Counting-v0');
    await env.reset();
    await Promise.all([server.shutdown(), server.shutdown()]);
    expect(closed).toBe(1);
    await expect(env.step([0, 0])).rejects.toThrow(code('SHUTTING_DOWN', /shutting down/));
    await env.close();
    await expect(connect(server.address)).rejects.toThrow(
      code('SERVER_UNAVAILABLE', /Handshake at 127.0.0.1/),
    );
  });

  it('takes no sessions any more, and closes one that was being made', async () => {
    let [made, closed] = [0, 0];
    let entered: () => void = () => undefined;
    let release: () => void = () => undefined;
    const inside = new Promise<void>((resolve) => (entered = resolve));
    const gate = new Promise<void>((resolve) => (release = resolve));
    const beforeMake = () => {
      made += 1;
      entered();
      return gate;
    };
    const { connection, server } = await serveCounting({
      terminateAfter: 9,
      beforeMake,
      onClose: () => (closed += 1),
    });
    const late = connection.make('Counting-v0');
    await inside;
    const shutdown = server.shutdown();
    release();
    await expect(late).rejects.toThrow(/shut/);
    await shutdown;
    expect([made, closed, server.sessionCount]).toEqual([1, 1, 0]);
  });

  it('answers the request that is under way first', async () => {
    let release: () => void = () => undefined;
    let entered: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const inside = new Promise<void>((resolve) => (entered = resolve));
    const beforeStep = () => {
      entered();
      return gate;
    };
    const { connection, server } = await serveCounting({ terminateAfter: 9, beforeStep });
    const env = await connection.make('Counting-v0');
    await env.reset();
    const step = env.step([0, 0]);
    await inside;
    const shutdown = server.shutdown();
    release();
    expect(await step).toMatchObject({ info: { step: 1n } });
    await shutdown;
  });
});

describe('a client', () => {
  it('gives up after its deadline and says so', async () => {
    const never = new Promise<void>(() => undefined);
    const { connection } = await serveCounting(
      { terminateAfter: 9, beforeStep: () => never },
      { drainTimeoutMs: 50 },
      { callDeadlineMs: 3000 },
    );
    const env = await connection.make('Counting-v0');
    await env.reset();
    await expect(env.step([0, 0])).rejects.toThrow(code('DEADLINE_EXCEEDED', /no answer within 3000 ms/));
  });

  it('is refused at once when the protocol majors differ, with both versions named', async () => {
    const { server } = await serveCounting({ terminateAfter: 9 });
    const { client, unary } = bareClient(server.address);
    const skewed = unary((done) =>
      client.handshake({ protocolVersion: { major: 2, minor: 3 }, client: 'future/9' }, done),
    );
    await expect(skewed).rejects.toThrow(
      code('VERSION_MISMATCH', /future\/9 speaks protocol 2\.3, this server .* 1\.3/),
    );
  });

  it('says when nobody answers', async () => {
    await expect(connect('127.0.0.1:1')).rejects.toThrow(
      code('SERVER_UNAVAILABLE', /127\.0\.0\.1:1.*ECONNREFUSED/),
    );
  });
});

describe('listening', () => {
  it('refuses another address than loopback unless told', async () => {
    await expect(startEnvServer({ envs: builtinEnvs, host: '0.0.0.0', port: 0 })).rejects.toThrow(
      code('INVALID_ARGUMENT', /other machines/),
    );
    const open = await startEnvServer({ envs: builtinEnvs, host: '0.0.0.0', port: 0, insecure: true });
    await open.shutdown();
  });

  it('says of a port that is taken what to do', async () => {
    const { server } = await serveCounting({ terminateAfter: 9 });
    await expect(startEnvServer({ envs: builtinEnvs, port: server.port })).rejects.toThrow(
      code(
        'SERVER_UNAVAILABLE',
        /cannot listen on 127\.0\.0\.1:\d+: another process listens there: .*port: 0/,
      ),
    );
  });
});
