/** `train` and `evaluatePolicy` that are told to stop: at once, whatever they wait for, and nothing stays open. */
import { createServer } from 'node:net';
import { connect, type EnvConnection, evaluatePolicy, train } from '@gymwire/agent-sdk';
import type { Env, EnvRegistration } from '@gymwire/env';
import { type EnvServer, startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';
import { describe, expect, it, onTestFinished } from 'vitest';
import { smallRun } from '../support/small-training.ts';
import { targetEnv } from '../support/target-env.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

type Where = { readonly server: string } | { readonly connection: EnvConnection };

const told = new Error('told to stop');

const played = {
  policy: { act: (_: Float32Array, rows: number) => new Float32Array(rows), reset: () => undefined },
  trainedOn: { envId: targetEnv.id },
};

/** What is told to stop, by name. */
const doors: ReadonlyArray<[string, (where: Where, signal: AbortSignal) => Promise<unknown>]> = [
  ['train', (where, signal) => train({ ...where, options: { ...smallRun, envId: targetEnv.id }, signal })],
  ['evaluatePolicy', (where, signal) => evaluatePolicy({ ...where, ...played, signal })],
];

describe.each(doors)('%s', (_, start) => {
  it('hears the signal while it connects to what does not answer', async () => {
    const controller = new AbortController();
    const silent = createServer(() => controller.abort(told)).listen(0, '127.0.0.1');
    onTestFinished(() => void silent.close());
    await new Promise((resolve) => silent.once('listening', resolve));
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const started = start({ server: `127.0.0.1:${port}` }, controller.signal);
    await expect(started).rejects.toBe(told);
  });

  it.each(['server', 'connection'] as const)('by %s hears it while environments are made', async (door) => {
    const controller = new AbortController();
    const gated = new Gated(() => controller.abort(told));
    const { server, where } = await serve(gated.registration, door);
    await expect(start(where, controller.signal)).rejects.toBe(told);
    expect(gated.opened).toBeLessThanOrEqual(gated.closed);
    gated.open();
    await expect
      .poll(() => [gated.opened > 0, gated.opened - gated.closed, server.sessionCount])
      .toEqual([true, 0, 0]);
  });
});

/** Environments that are made once the gate opens. */
class Gated {
  opened = 0;
  closed = 0;
  readonly registration: EnvRegistration;
  open: () => void = () => undefined;

  constructor(onMake: () => void) {
    const gate = new Promise<void>((resolve) => (this.open = resolve));
    this.registration = {
      ...targetEnv,
      make: async (...args) => {
        onMake();
        await gate;
        const env: Env = await targetEnv.make(...args);
        this.opened += 1;
        return Object.assign(Object.create(env) as Env, { close: () => void (this.closed += 1) });
      },
    };
  }
}

async function serve(
  env: EnvRegistration,
  door: 'server' | 'connection',
): Promise<{ server: EnvServer; where: Where }> {
  const server = await startEnvServer({ port: 0, envs: [env] });
  onTestFinished(() => server.shutdown());
  return {
    server,
    where: door === 'server' ? { server: server.address } : { connection: await open(server) },
  };
}

async function open({ address }: Pick<EnvServer, 'address'>): Promise<EnvConnection> {
  const connection = await connect(address);
  onTestFinished(() => connection.close());
  return connection;
}

it('train by a connection of one’s own waits for no broken connection, and is interrupted', async () => {
  const server = await startEnvServer({ port: 0, envs: builtinEnvs });
  onTestFinished(() => server.shutdown());
  const proxy = await startTcpProxy(server.address);
  const controller = new AbortController();
  const connection = await connect(proxy.address, { onReconnect: () => controller.abort(told) });
  onTestFinished(() => connection.close());
  const training = train({
    connection,
    options: smallRun,
    signal: controller.signal,
    onProgress(event) {
      if (event.type !== 'step' || event.envSteps !== 200) return;
      proxy.retarget('127.0.0.1:1');
      proxy.cut();
    },
  });
  expect(await training).toMatchObject({ status: 'interrupted' });
});

it('evaluatePolicy does not wait for a step that hangs, and leaves no session behind', async () => {
  const controller = new AbortController();
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const closed: string[] = [];
  const make: EnvRegistration['make'] = async (...args) => {
    const env: Env = await targetEnv.make(...args);
    const step: Env['step'] = async (action) => {
      controller.abort(told);
      await gate;
      return env.step(action);
    };
    return { ...env, step, close: () => void closed.push('closed') };
  };
  const { server, where } = await serve({ ...targetEnv, make }, 'server');
  const evaluating = evaluatePolicy({ ...where, ...played, episodes: 1, signal: controller.signal });
  await expect(evaluating).rejects.toBe(told);
  expect(closed).toEqual([]);
  open();
  await expect.poll(() => [closed, server.sessionCount]).toEqual([['closed'], 0]);
});
