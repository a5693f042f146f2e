/** examples/own-env as its reader would use it: the server in a process of its own, the scripts from the build. */
import { join } from 'node:path';
import {
  connect,
  type EnvClient,
  type EnvConnection,
  evaluatePolicy,
  type Policy,
  readRunSummary,
} from '@gymwire/agent-sdk';
import { OnnxPolicy, verifyPolicy } from '@gymwire/exporter';
import { type BoxSpace, isTensor, type StepResult, type Value } from '@gymwire/protocol';
import { builtinEnvs } from '@gymwire/simulators';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT, runNode } from '../../scripts/tools.mjs';
import { type NodeProgram, startNodeProgram } from '../support/node-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const built = join(ROOT, 'examples', 'dist', 'own-env');
const envId = 'Cart-v0';

let server: NodeProgram;
let connection: EnvConnection;

beforeAll(async () => {
  server = startNodeProgram(join(built, 'serve.js'), ['0'], ROOT);
  const [, address = ''] = await server.printed(/serving on (\S+)/);
  connection = await connect(address);
});

afterAll(async () => {
  connection.close();
  await server.stop();
});

const numbers = (value: Value): number[] => (isTensor(value) ? [...value.data].map(Number) : []);

function expectMember({ low, high }: BoxSpace, value: Value): void {
  if (!isTensor(value)) throw new Error('expected an array');
  expect([value.dtype, value.shape]).toEqual([low.dtype, low.shape]);
  for (const [i, x] of numbers(value).entries()) {
    expect(x).toBeGreaterThanOrEqual(Number(low.data[i]));
    expect(x).toBeLessThanOrEqual(Number(high.data[i]));
  }
}

/** Actions across the space and beyond it, the same in every call. */
const actionAt = (step: number) => [2.5 * Math.sin(step)];

async function playEpisode(env: EnvClient, seed: number): Promise<StepResult[]> {
  await env.reset({ seed });
  const steps: StepResult[] = [];
  do steps.push(await env.step(actionAt(steps.length)));
  while (!steps.at(-1)?.terminated && !steps.at(-1)?.truncated);
  return steps;
}

describe('the environment', () => {
  it('is served beside the built-in ones, with its argument', async () => {
    const specs = await connection.listEnvs();
    expect(specs.map(({ id }) => id)).toEqual([...builtinEnvs.map(({ id }) => id), envId]);
    expect(specs.at(-1)?.arguments).toMatchObject([{ name: 'friction', type: 'float', defaultValue: 0.5 }]);
    await expect(connection.make(envId, { arguments: { friction: -1 } })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await expect(connection.make(envId, { arguments: { mass: 1 } })).rejects.toMatchObject({
      code: 'UNKNOWN_ARGUMENT',
    });
  });

  it('stays in its spaces, whatever the action, and is truncated after 100 steps', async () => {
    const env = await connection.make(envId);
    const space = env.observationSpace as BoxSpace;
    expectMember(space, (await env.reset({ seed: 3 })).observation);
    const steps = await playEpisode(env, 3);
    for (const { observation } of steps) expectMember(space, observation);
    expect(steps).toHaveLength(100);
    expect(steps.at(-1)).toMatchObject({ terminated: false, truncated: true });
    await env.close();
  });

  it('gives the same episode for the same seed, and another for another', async () => {
    const [one, other] = [await connection.make(envId), await connection.make(envId)];
    const episode = await playEpisode(one, 11);
    await playEpisode(other, 12);
    expect(await playEpisode(other, 11)).toEqual(episode);
    expect(await playEpisode(other, 12)).not.toEqual(episode);
    await Promise.all([one.close(), other.close()]);
  });

  it('returns fresh observations', async () => {
    const env = await connection.make(envId);
    const { observation } = await env.reset({ seed: 1 });
    const before = numbers(observation);
    await env.step([1]);
    expect(numbers(observation)).toEqual(before);
    await env.close();
  });

  it('obeys its argument', async () => {
    const speedAfterPush = async (friction: number) => {
      const env = await connection.make(envId, { arguments: { friction } });
      await env.reset({ seed: 5 });
      await env.step([0.5]);
      const { observation } = await env.step([0.5]);
      await env.close();
      return numbers(observation)[2];
    };
    expect(await speedAfterPush(10)).toBeLessThan(await speedAfterPush(0));
  });
});

describe('the training script', () => {
  it('learns, saves a run, and exports a policy that holds the cart better than doing nothing', async () => {
    const folder = temporaryFolder();
    const args = [connection.address, folder, '1500'];
    const { code, stdout, stderr } = await runNode(join(built, 'train.js'), args, { capture: true });
    expect(code, stdout + stderr).toBe(0);
    expect(await readRunSummary(folder)).toMatchObject({ envSteps: 1500, options: { envId } });

    const path = join(folder, 'policy.onnx');
    expect(await verifyPolicy(path)).toMatchObject({ ok: true });
    const policy = await OnnxPolicy.load(path);
    const trainedOn = { envId, envArguments: { friction: 0.3 } };
    const play = (playing: Policy) => evaluatePolicy({ connection, policy: playing, trainedOn });
    const learnt = await play(policy);
    const idle = await play({ act: (_, rows) => new Float32Array(rows), reset() {} });
    expect(learnt.meanReturn).toBeGreaterThan(0.8 * idle.meanReturn);
    await policy.dispose();
  }, 300_000);
});
