/** A generic gRPC client finds the service by reflection and plays with it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EnvServer, startEnvServer } from '@gymwire/env-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../scripts/tools.mjs';
import { grpcurl, installGrpcurl } from './harness/grpcurl.ts';

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

let server: EnvServer;
let program: string;

beforeAll(async () => {
  program = await installGrpcurl();
  server = await startEnvServer({ port: 0 });
});

afterAll(() => server.shutdown());

async function call(method: string, request: object): Promise<unknown> {
  const args = ['-d', JSON.stringify(request), server.address, `${service}/${method}`];
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

describe('grpcurl', () => {
  it('lists the services', async () => {
    const services = (await grpcurl(program, [server.address, 'list'])).trim().split(/\r?\n/);
    expect(services).toEqual(expect.arrayContaining([service, 'grpc.health.v1.Health']));
  });

  it('describes every RPC', async () => {
    const text = await grpcurl(program, [server.address, 'describe', service]);
    const methods = [...text.matchAll(/rpc (\w+)/g)].map(([, name]) => name).sort();
    expect(methods).toEqual(
      ['CloseSession', 'Handshake', 'Interact', 'ListEnvs', 'MakeSession', 'Render', 'Reset', 'Step'].sort(),
    );
  });

  it('asks for health', async () => {
    const answer = await grpcurl(program, [server.address, 'grpc.health.v1.Health/Check']);
    expect(JSON.parse(answer)).toEqual({ status: 'SERVING' });
  });

  it('plays the first steps of an episode as Gymnasium does', async () => {
    const episode = firstEpisode();
    const made = (await call('MakeSession', { envId: 'Pendulum-v1' })) as { sessionId: string };
    const { sessionId } = made;
    const start = await call('Reset', { sessionId, sequence: 1, seed: episode.seed });
    expect(start).toMatchObject({
      sequence: 1,
      observation: { tensor: float32Tensor(episode.resetObservation) },
    });
    for (let i = 0; i < 3; i++) {
      const action = { tensor: float32Tensor([episode.actions[i] as number]) };
      const step = await call('Step', { sessionId, sequence: 2 + i, action });
      expect(step).toMatchObject({
        sequence: 2 + i,
        observation: { tensor: float32Tensor(episode.observations[i] as number[]) },
        rewards: Buffer.from(Float64Array.of(episode.rewards[i] as number).buffer).toString('base64'),
        terminated: flagOff,
        truncated: flagOff,
      });
    }
    expect(server.sessionCount).toBe(1);
    await call('CloseSession', { sessionId });
    expect(server.sessionCount).toBe(0);
    await expect(call('Step', { sessionId, sequence: 5 })).rejects.toThrow(/session/i);
  });
});
