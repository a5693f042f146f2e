/** Simulators that give more than a message has room for: found where they run, told with a code, and no stream ends of it. */
import { connect, type EnvClient } from '@gymwire/agent-sdk';
import type { EnvRegistration } from '@gymwire/env';
import { startEnvServer } from '@gymwire/env-server';
import type { GymwireError } from '@gymwire/protocol';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { asks, largeEnvs } from '../support/large-envs.mjs';

const maxMessageBytes = 2 ** 20;
const module = { url: new URL('../support/large-envs.mjs', import.meta.url), exportName: 'largeEnvs' };
const code = (expected: GymwireError['code'], message: RegExp) =>
  expect.objectContaining({ code: expected, message: expect.stringMatching(message) });

async function serve(isolate?: 'worker' | 'process') {
  const isolated = (one: EnvRegistration) => (isolate === undefined ? one : { ...one, module, isolate });
  const lines: string[] = [];
  const server = await startEnvServer({
    port: 0,
    envs: largeEnvs.map(isolated),
    maxMessageBytes,
    logger: pino({ level: 'warn' }, { write: (line) => void lines.push(line) }),
  });
  const connection = await connect(server.address);
  onTestFinished(async () => {
    connection.close();
    await server.shutdown();
  });
  return { server, connection, lines };
}

/** The stream goes on: the session that was there before steps, after a reset. */
async function goesOn(env: EnvClient, stepsBefore: bigint) {
  await env.reset();
  expect((await env.step([asks.nothing])).info).toEqual({ steps: stepsBefore + 1n });
}

describe.each([undefined, 'worker', 'process'] as const)('hosted in %s', (isolate) => {
  it('what methods give is refused before it travels', async () => {
    const { connection } = await serve(isolate);
    const env = await connection.make('Large-v0');
    await env.reset();
    for (const method of ['list', 'dictionaries']) {
      await expect(env.call(method)).rejects.toThrow(
        code(
          'CAPACITY',
          new RegExp(`^call ${method}: what it gave is too large: it.*: more than the 10000 entries`),
        ),
      );
    }
    await expect(env.call('text')).rejects.toThrow(
      code(
        'CAPACITY',
        /^call text: what it gave is too large: it: 83886080 bytes so far, more than the 1048512/,
      ),
    );
    await goesOn(env, 0n);
  });

  it('a picture is refused, and the stream goes on', async () => {
    const { connection } = await serve(isolate);
    const env = await connection.make('Large-v0', { renderMode: 'rgb_array' });
    await env.reset();
    await expect(env.render()).rejects.toThrow(
      code(
        'CAPACITY',
        /^render: the simulator returned too large a picture: 2000 by 1000 takes 6000000 bytes/,
      ),
    );
    await goesOn(env, 0n);
  });

  it('the text of an exception is cut, also in the log', async () => {
    const { connection, lines } = await serve(isolate);
    const env = await connection.make('Large-v0');
    await env.reset();
    const told = code('ENV_FAILED', /^step: the simulator failed: x+… \(\d+ characters/);
    await expect(env.step([asks.error])).rejects.toThrow(told);
    expect(lines.join('').length).toBeLessThan(100_000);
    await goesOn(env, 1n);
  });

  it('the infos of all environments together are refused, and the session can be reset', async () => {
    const { connection } = await serve(isolate);
    const env = await connection.makeVector('Large-v0', { numEnvs: 3 });
    await env.reset();
    const action = { dtype: 'float32', shape: [3, 1], data: new Float32Array(3).fill(asks.info) } as const;
    await expect(env.step(action)).rejects.toThrow(
      code(
        'ENV_FAILED',
        /too large an info: with those of the other environments, more than the 1048512 bytes/,
      ),
    );
    await expect(env.step(action)).rejects.toThrow(code('NOT_RESET', /reset/));
    await env.reset();
    const { infos } = await env.step([asks.nothing, asks.nothing, asks.nothing]);
    expect(infos.size).toBe(3);
  });

  it('spaces that no message has room for are refused when the session is made', async () => {
    const { connection } = await serve(isolate);
    await expect(connection.make('Wide-v0')).rejects.toThrow(
      code('CAPACITY', /the bounds of the environment's spaces take 1600008 bytes/),
    );
    await connection.make('Large-v0');
  });
});

it.each(['worker', 'process'] as const)(
  'an exception of 80 MB that nobody caught ends its session, in a %s, in a few words',
  async (isolate) => {
    const { connection, lines } = await serve(isolate);
    const env = await connection.make('Large-v0');
    await env.reset();
    const told = code('ENV_FAILED', /failed: z+… \(\d+ characters/);
    await expect(env.step([asks.uncaught])).rejects.toThrow(told);
    expect(lines.join('').length).toBeLessThan(100_000);
  },
);
