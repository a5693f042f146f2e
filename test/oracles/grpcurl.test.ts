/** A generic gRPC client finds the service by reflection and plays with it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ROOT } from '../../scripts/tools.mjs';
import { grpcurl, installGrpcurl } from './harness/grpcurl.ts';
import { startPythonServer } from './harness/python-server.ts';

const service = 'gymwire.v1.EnvService';
/** One environment's flag, as bytes in JSON. */
const flagOff = Buffer.of(0).toString('base64');

/** The parts of test/golden/gymnasium/pendulum.json that are used here. */
interface PendulumGolden {
  readonly sessions: ReadonlyArray<{ readonly episodes: readonly PendulumEpisode[] }>;
}

interface PendulumEpisode {
  readonly seed: string;
  readonly resetObservation: readonly number[];
  readonly actions: readonly number[];
  readonly observations: ReadonlyArray<readonly number[]>;
  readonly rewards: readonly number[];
}

let program: string;

beforeAll(async () => {
  program = await installGrpcurl();
});

async function startTypeScriptServer(): Promise<string> {
  const server = await startEnvServer({ envs: builtinEnvs, port: 0 });
  onTestFinished(() => server.shutdown());
  return server.address;
}

async function call(address: string, method: string, request: object): Promise<unknown> {
  const args = ['-d', JSON.stringify(request), address, `${service}/${method}`];
  return JSON.parse(await grpcurl(program, args));
}

function firstEpisode(): PendulumEpisode {
  const path = join(ROOT, 'test', 'golden', 'gymnasium', 'pendulum.json');
  const episode = (JSON.parse(readFileSync(path, 'utf8')) as PendulumGolden).sessions[0]?.episodes[0];
  if (episode === undefined) throw new Error(`${path} holds no episode`);
  return episode;
}

function float32Tensor(values: readonly number[]): object {
  return {
    dtype: 'D_TYPE_FLOAT32',
    shape: [values.length],
    data: Buffer.from(Float32Array.from(values).buffer).toString('base64'),
  };
}

describe.each([
  ['TypeScript', startTypeScriptServer],
  ['Python', () => startPythonServer('Pendulum-v1')],
])('grpcurl at the %s server', (_, startServer) => {
  it('lists the services', async () => {
    const services = (await grpcurl(program, [await startServer(), 'list'])).trim().split(/\r?\n/);
    expect(services).toEqual(expect.arrayContaining([service, 'grpc.health.v1.Health']));
  });

  it('describes every RPC', async () => {
    const text = await grpcurl(program, [await startServer(), 'describe', service]);
    const methods = [...text.matchAll(/rpc (\w+)/g)].map(([, name]) => name).sort();
    const episodes = ['CloseSession', 'Interact', 'MakeSession', 'Render', 'Reset', 'Step'];
    expect(methods).toEqual([...episodes, 'CallMethod', 'Handshake', 'ListEnvs', 'ReadAttribute'].sort());
  });

  it('asks for health', async () => {
    const answer = await grpcurl(program, [await startServer(), 'grpc.health.v1.Health/Check']);
    expect(JSON.parse(answer)).toEqual({ status: 'SERVING' });
  });

  it('plays the first steps of an episode as Gymnasium does', async () => {
    const episode = firstEpisode();
    const address = await startServer();
    const made = (await call(address, 'MakeSession', { envId: 'Pendulum-v1' })) as { sessionId: string };
    const { sessionId } = made;
    const start = await call(address, 'Reset', { sessionId, sequence: 1, seed: episode.seed });
    expect(start).toMatchObject({
      sequence: 1,
      observation: { tensor: float32Tensor(episode.resetObservation) },
    });
    for (let i = 0; i < 3; i++) {
      const action = { tensor: float32Tensor([episode.actions[i]]) };
      const step = await call(address, 'Step', { sessionId, sequence: 2 + i, action });
      expect(step).toMatchObject({
        sequence: 2 + i,
        observation: { tensor: float32Tensor(episode.observations[i] as number[]) },
        rewards: Buffer.from(Float64Array.of(episode.rewards[i]).buffer).toString('base64'),
        terminated: flagOff,
        truncated: flagOff,
      });
    }
    await call(address, 'CloseSession', { sessionId });
    await expect(call(address, 'Step', { sessionId, sequence: 5 })).rejects.toThrow(/SESSION_GONE/);
  });
});
