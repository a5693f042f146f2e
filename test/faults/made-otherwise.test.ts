/** A makeEnv that drops what the options ask for, over the wire: nobody may learn of it from the policy's behaviour. */

import { join } from 'node:path';
import { connect, type EnvConnection } from '@gymwire/agent-sdk';
import { type MakeEnv, remoteEnvs } from '@gymwire/agent-sdk/parts';
import { type EnvServer, startEnvServer } from '@gymwire/env-server';
import { exportPolicy, OnnxPolicy, writePolicyFile } from '@gymwire/exporter';
import { builtinEnvs } from '@gymwire/simulators';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localEnvs } from '../support/local-env.ts';
import { trainSmall } from '../support/small-training.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let server: EnvServer;
let connection: EnvConnection;
beforeAll(async () => {
  server = await startEnvServer({ envs: builtinEnvs, port: 0 });
  connection = await connect(server.address);
});
afterAll(async () => {
  connection.close();
  await server.shutdown();
});

/** A `makeEnv` as short as one would write it. */
const forgetful: MakeEnv = ({ envId, numEnvs }) =>
  connection.makeVector(envId, { numEnvs, autoresetMode: 'same-step' });

const short = { totalEnvSteps: 60, learningStarts: 40 };

describe('a makeEnv that hands on id and number only', () => {
  it.each([
    [{ maxEpisodeSteps: 25 }, 'maxEpisodeSteps: the options say 25, the environment was made with 200'],
    [{ maxEpisodeSteps: 0 }, 'maxEpisodeSteps: the options say 0, the environment was made with 200'],
    [
      { maxEpisodeSteps: null, envArguments: { g: 2 } },
      'envArguments.g: the options say 2, the environment was made with its default',
    ],
  ])('is refused where the options ask for more: %j', async (options, message) => {
    await expect(trainSmall(forgetful, { ...short, ...options })).rejects.toMatchObject({
      name: 'AgentError',
      code: 'ENV_MISMATCH',
      message: expect.stringContaining(message) as string,
    });
    // Neither environment stays on the server.
    expect(server.sessionCount).toBe(0);
  });

  it('will do where they do not, and the file says what was made', async () => {
    const { policy } = await trainSmall(forgetful, { ...short, maxEpisodeSteps: null });
    expect(policy).toMatchObject({ envId: 'Pendulum-v1', maxEpisodeSteps: 200 });
    expect(policy.envArguments).toBeUndefined();
  });
});

describe('a policy’s file', () => {
  it('says what the session was made with, whoever made it', async () => {
    const options = { ...short, envArguments: { g: 2 }, evaluationEpisodes: 2 };
    const path = join(temporaryFolder(), 'policy.onnx');
    for (const where of [connection, localEnvs('same-step')]) {
      const { policy } = await trainSmall(where, options);
      await writePolicyFile(path, (await exportPolicy(policy)).bytes);
      const onnx = await OnnxPolicy.load(path);
      expect(onnx.metadata).toMatchObject({ envArguments: { g: 2 }, maxEpisodeSteps: 25 });
      expect(onnx.metadata).not.toHaveProperty('envUnconfirmed');
      await onnx.dispose();
    }
  });

  it('says so where nobody could tell', async () => {
    const silent: MakeEnv = async (request) =>
      Object.assign(await remoteEnvs(connection)(request), { made: undefined });
    const { policy } = await trainSmall(silent, short);
    await writePolicyFile(join(temporaryFolder(), 'policy.onnx'), (await exportPolicy(policy)).bytes);
    expect(policy).toMatchObject({ maxEpisodeSteps: 25, envUnconfirmed: true });
  });
});
