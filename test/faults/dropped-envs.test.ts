/** Environments that nobody closes: the server has their places back all the same. */
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { connect, type EnvConnection } from '@gymwire/agent-sdk';
import { startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';
import { expect, it, onTestFinished } from 'vitest';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const kinds: Record<string, (connection: EnvConnection) => Promise<{ reset(): Promise<unknown> }>> = {
  EnvClient: (connection) => connection.make('Pendulum-v1'),
  VectorEnvClient: (connection) => connection.makeVector('Pendulum-v1', { numEnvs: 2 }),
};

it.each(Object.entries(kinds))(
  'a dropped %s frees its place once the garbage collector has found it',
  async (_, make) => {
    const server = await startEnvServer({ envs: builtinEnvs, port: 0 });
    onTestFinished(() => server.shutdown());
    const connection = await connect(server.address);
    onTestFinished(() => connection.close());
    const use = async () => void (await (await make(connection)).reset());
    await use();
    expect(server.sessionCount).toBe(1);
    while (server.sessionCount > 0) {
      collectGarbage();
      await sleep(10);
    }
  },
);

it('an environment that is in use is never taken for dropped', async () => {
  const server = await startEnvServer({ envs: builtinEnvs, port: 0 });
  onTestFinished(() => server.shutdown());
  const connection = await connect(server.address);
  onTestFinished(() => connection.close());
  const env = await connection.make('Pendulum-v1');
  await env.reset({ seed: 1 });
  for (let i = 0; i < 20; i++) {
    const step = env.step([0.5]);
    collectGarbage();
    await step;
  }
  expect(server.sessionCount).toBe(1);
  await env.close();
});
