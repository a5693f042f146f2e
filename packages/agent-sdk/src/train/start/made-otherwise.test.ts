import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tuple } from '@gymwire/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSnapshotFile } from '../../checkpoint/snapshot-file.ts';
import type { TrainOptions } from '../../generated/train-options.ts';
import type { MadeEnv } from '../../rollout/vector-env.ts';
import { runFilePath } from '../../run-folder/run-file-names.ts';
import { IdentityEnv } from '../../testing/fake-envs.ts';
import { FakeVectorEnv, type FakeVectorEnvOptions } from '../../testing/fake-vector-env.ts';
import { type TestRequest, TestRun } from '../../testing/run-helpers.ts';
import { train } from '../train.ts';
import type { EnvRequest, MakeEnv } from '../train-request.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gymwire-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A makeEnv that does not make what it is asked for. */
function makes(
  otherwise: (request: EnvRequest) => Partial<FakeVectorEnvOptions>,
  more: Partial<TestRequest> = {},
  options: Partial<TrainOptions> = {},
) {
  const makeEnv: MakeEnv = async (request) => {
    const { numEnvs, envId, autoresetMode } = request;
    const asked = { numEnvs, envId, autoresetMode, make: () => new IdentityEnv(7), observationSize: 1 };
    return new FakeVectorEnv({ ...asked, ...otherwise(request) });
  };
  return train(new TestRun(options, { makeEnv, runFolder: folder, ...more }).request);
}

const made = (fields: Partial<MadeEnv>) => ({ made: { arguments: {}, maxEpisodeSteps: 7, ...fields } });
const refusal = (message: string) => ({
  name: 'AgentError',
  code: 'ENV_MISMATCH',
  message: expect.stringContaining(message) as string,
});

describe('an environment that is not what the options say', () => {
  it.each<[string, Partial<TrainOptions>, Partial<FakeVectorEnvOptions>]>([
    ['maxEpisodeSteps: the options say 5, the environment was made with 7', { maxEpisodeSteps: 5 }, made({})],
    [
      'maxEpisodeSteps: the options say 5, the environment was made with no limit',
      { maxEpisodeSteps: 5 },
      made({ maxEpisodeSteps: 0 }),
    ],
    ['maxEpisodeSteps: the options say 0, the environment was made with 7', { maxEpisodeSteps: 0 }, made({})],
    [
      'envArguments.g: the options say 5, the environment was made with its default',
      { envArguments: { g: 5 } },
      made({}),
    ],
    [
      'envArguments.g: the options say 5, the environment was made with 6',
      { envArguments: { g: 5 } },
      made({ arguments: { g: 6n } }),
    ],
    [
      'envArguments.g: the options say nothing, the environment was made with 6.5',
      {},
      made({ arguments: { g: 6.5 } }),
    ],
    [
      'envArguments.range: the options say [0,1], the environment was made with [0,2]',
      { envArguments: { range: [0, 1] } },
      made({ arguments: { range: new Tuple([0n, 2n]) } }),
    ],
    ['envId: the options say Identity-v0, the environment was made with Other-v0', {}, { envId: 'Other-v0' }],
    [
      'autoresetMode: the options say disabled, the environment was made with next-step',
      { numEnvs: 2 },
      { autoresetMode: 'next-step' },
    ],
  ])('is refused: %s', async (message, options, otherwise) => {
    await expect(makes(() => otherwise, {}, options)).rejects.toMatchObject(refusal(message));
    expect(await readdir(folder)).toEqual([]);
  });

  it('is refused also where only the evaluation’s is another', async () => {
    const dropsLimit = (request: EnvRequest) =>
      made({ maxEpisodeSteps: request.purpose === 'training' ? 5 : 200 });
    await expect(makes(dropsLimit, {}, { maxEpisodeSteps: 5 })).rejects.toMatchObject(
      refusal('maxEpisodeSteps: the options say 5, the environment was made with 200'),
    );
    const otherBounds = (request: EnvRequest) => ({
      actionLow: [request.purpose === 'training' ? -1 : -2],
    });
    await expect(makes(otherBounds)).rejects.toMatchObject(
      refusal("actionSpace: that of the evaluation's environment is not that of the training's"),
    );
  });

  it('is refused when a run is resumed on it', async () => {
    await makes(() => made({}));
    const resumed = { resume: true };
    const longer = { totalEnvSteps: 70 };
    await expect(makes(() => made({ maxEpisodeSteps: 9 }), resumed, longer)).rejects.toMatchObject(
      refusal('maxEpisodeSteps: the run was started on an environment with 7, this one has 9'),
    );
    await expect(makes(() => ({ ...made({}), actionLow: [-2] }), resumed, longer)).rejects.toMatchObject(
      refusal('actionLow: the run was started on an environment with -1 at [0], this one has -2'),
    );
    expect(await makes(() => made({}), resumed, longer)).toMatchObject({ envSteps: 70 });
  });
});

describe('what a policy says of its environment', () => {
  it('is what was made: arguments, and also the limit that no option names', async () => {
    const { policy } = await makes(() => made({ arguments: { g: 5n } }), {}, { envArguments: { g: 5 } });
    expect(policy).toMatchObject({ envId: 'Identity-v0', envArguments: { g: 5 }, maxEpisodeSteps: 7 });
    expect(policy).not.toHaveProperty('envUnconfirmed');
    expect(await readSnapshotFile(runFilePath(folder, 'lastPolicy'))).toEqual(policy);
  });

  it('is marked as the options’ word where the environment cannot say', async () => {
    const { policy } = await makes(() => ({}), {}, { envArguments: { g: 5 }, maxEpisodeSteps: 7 });
    expect(policy).toMatchObject({ envArguments: { g: 5 }, maxEpisodeSteps: 7, envUnconfirmed: true });
    expect(await readSnapshotFile(runFilePath(folder, 'bestPolicy'))).toMatchObject({ envUnconfirmed: true });
  });

  it('does not hang on the autoreset mode of a single environment, which changes no run', async () => {
    const { policy } = await makes(() => ({ ...made({}), autoresetMode: 'next-step' }));
    expect(policy.maxEpisodeSteps).toBe(7);
  });
});
