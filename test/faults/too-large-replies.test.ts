/** Replies that only together are more than a message has room for: no stream ends of them, and no call without a code. */
import { connect } from '@gymwire/agent-sdk';
import type { Env } from '@gymwire/env';
import { startEnvServer } from '@gymwire/env-server';
import { box, float32, type GymwireError } from '@gymwire/protocol';
import { encodeValue } from '@gymwire/protocol/wire';
import { expect, it, onTestFinished } from 'vitest';
import { createRawClient } from '../support/raw-client.ts';

const maxMessageBytes = 2 ** 20;
const code = (expected: GymwireError['code'], message: RegExp) =>
  expect.objectContaining({ code: expected, message: expect.stringMatching(message) });

/** Its observation and its info are within their limits. The second step, and the reset before it, have both. */
function createPlump(): Env {
  const size = 100_000;
  let [calls, resets] = [0, 0];
  const log = { log: 'y'.repeat(500_000) };
  return {
    observationSpace: box(new Float32Array(size).fill(-1), new Float32Array(size).fill(1)),
    actionSpace: box([-1], [1]),
    reset: () => ({
      observation: float32(new Float32Array(size)),
      info: ++resets === 3 ? { ...log, more: 'x'.repeat(300_000) } : { resets: BigInt(resets) },
    }),
    step: () => ({
      observation: float32(new Float32Array(size)),
      reward: 1,
      terminated: false,
      truncated: false,
      info: ++calls === 2 ? { ...log, more: 'x'.repeat(300_000) } : { calls: BigInt(calls) },
    }),
  };
}

async function serve() {
  const envs = [{ id: 'Plump-v0', make: createPlump }];
  const server = await startEnvServer({ port: 0, envs, maxMessageBytes });
  onTestFinished(() => server.shutdown());
  return server;
}

const untold =
  /^step: its reply has 12\d{5} bytes, and a message of this server has at most 1048576; it is not sent/;

it('a step on a stream fails with a code, and only a reset may follow', async () => {
  const connection = await connect((await serve()).address);
  onTestFinished(() => connection.close());
  const env = await connection.make('Plump-v0');
  await env.reset();
  expect((await env.step([0])).info).toEqual({ calls: 1n });
  await expect(env.step([0])).rejects.toThrow(code('CAPACITY', untold));
  await expect(env.step([0])).rejects.toThrow(code('NOT_RESET', /the last reply was too large to be sent/));
  expect((await env.reset()).info).toEqual({ resets: 2n });
  expect((await env.step([0])).info).toEqual({ calls: 3n });
  await expect(env.reset()).rejects.toThrow(code('CAPACITY', /^reset: its reply has/));
  await expect(env.step([0])).rejects.toThrow(code('NOT_RESET', /the last reply was too large to be sent/));
  expect((await env.reset()).info).toEqual({ resets: 4n });
  await env.close();
});

it('a unary step carries its error, and takes no number', async () => {
  const raw = createRawClient((await serve()).address);
  const sessionId = await raw.make('Plump-v0');
  const step = (sequence: number) =>
    raw.call('Step', { sessionId, action: encodeValue(float32([0])), sequence });
  await raw.call('Reset', { sessionId, sequence: 1 });
  await step(2);
  await expect(step(3)).rejects.toThrow(code('CAPACITY', untold));
  await expect(step(3)).rejects.toThrow(code('NOT_RESET', /./));
  expect(await raw.call('Reset', { sessionId, sequence: 3 })).toMatchObject({ sequence: 3 });
  expect(await step(4)).toMatchObject({ sequence: 4 });
});
