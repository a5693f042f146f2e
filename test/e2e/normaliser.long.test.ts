/** Normalised observations from the simulator to the ONNX file, over the wire; and observations that are no Box. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type EnvConnection, evaluatePolicy, type TrainOptions } from '@gymwire/agent-sdk';
import {
  createFlattener,
  type EvaluationMetrics,
  type MakeEnv,
  readSnapshotFile,
  remoteEnvs,
  runFilePath,
} from '@gymwire/agent-sdk/parts';
import { type EnvServer, startEnvServer } from '@gymwire/env-server';
import { exportPolicy, OnnxPolicy, writePolicyFile } from '@gymwire/exporter';
import type { Value } from '@gymwire/protocol';
import { builtinEnvs } from '@gymwire/simulators';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.ts';
import { fileHashes, readStoredCheckpoint } from '../support/run-files.ts';
import { type SmallTraining, smallRun, trainSmall } from '../support/small-training.ts';
import { targetEnv } from '../support/target-env.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const onTargetEnv: TrainOptions = {
  envId: 'Target-v0',
  totalEnvSteps: 900,
  learningStarts: 100,
  hiddenSizes: [32],
  batchSize: 32,
  gamma: 0,
  actorLearningRate: 3e-3,
  criticLearningRate: 3e-3,
  evaluationInterval: 300,
};

let server: EnvServer;
let connection: EnvConnection;
beforeAll(async () => {
  const envs = [...builtinEnvs, targetEnv];
  server = await startEnvServer({ port: 0, envs });
  connection = await connect(server.address);
});
afterAll(async () => {
  connection.close();
  await server.shutdown();
});

async function run(options: TrainOptions, more: SmallTraining = {}) {
  const evaluations: EvaluationMetrics[] = [];
  const result = await trainSmall(
    connection,
    {},
    {
      options,
      onProgress: (event) => void (event.type === 'evaluation' && evaluations.push(event)),
      ...more,
    },
  );
  return { result, evaluations };
}

describe('observations that are a Dict of Boxes and Tuples', () => {
  it.each(['same-step', 'next-step', 'disabled'] as const)(
    'are learnt from: 4 environments, %s, normalised',
    async (autoresetMode) => {
      const options = { ...onTargetEnv, numEnvs: 4, autoresetMode, normalizeObservations: true };
      const { result } = await run(options);
      expect(result.envSteps).toBeGreaterThanOrEqual(900);
      const [first] = result.policy.actor;
      expect(first?.inputs).toBe(3);
      // 5 to 10 steps: −7.5 · 1/3 on average for a constant zero.
      expect(result.best?.evaluation?.meanReturn).toBeGreaterThan(-0.5);
      const normalizer = result.policy.observationNormalizer;
      expect(normalizer?.scale[2]).toBeGreaterThan(500);
    },
  );

  it('without the normaliser numbers this large are not', async () => {
    const { result } = await run({ ...onTargetEnv, numEnvs: 4 });
    expect(result.best?.evaluation?.meanReturn).toBeLessThan(-0.5);
  });
});

describe('a policy with a normaliser', () => {
  const options = { ...smallRun, envId: 'Target-v0', numEnvs: 2, normalizeObservations: true };

  it('plays in ONNX Runtime what the live actor played', async () => {
    const played: { observations: Float32Array; actions: Float32Array }[] = [];
    const makeEnv: MakeEnv = async (request) => {
      const env = await remoteEnvs(connection)(request);
      if (request.purpose === 'training') return env;
      let observations = new Float32Array();
      const flattener = createFlattener(env.observationSpace, 'observation');
      const rows = (observation: Value) => {
        const numbers = new Float32Array(env.numEnvs * flattener.size);
        flattener.write(observation, env.numEnvs, numbers);
        return numbers;
      };
      const { reset, step } = env;
      env.reset = async (given) => {
        const result = await reset.call(env, given);
        observations = rows(result.observation);
        return result;
      };
      env.step = async (actions) => {
        played.push({ observations, actions: actions.slice() });
        const result = await step.call(env, actions);
        observations = rows(result.observation);
        return result;
      };
      return env;
    };
    const { result, evaluations } = await run({ ...options, explorationNoise: 0.5 }, { makeEnv });
    // The last evaluation was of the last policy.
    expect(evaluations.at(-1)?.envSteps).toBe(result.policy.envSteps);
    const { bytes } = await exportPolicy(result.policy);
    const path = join(temporaryFolder(), 'policy.onnx');
    await writePolicyFile(path, bytes);
    const policy = await OnnxPolicy.load(path);
    const last = played.slice(-5);
    expect(last).toHaveLength(5);
    for (const { observations, actions } of last) {
      const answer = await policy.act(observations, actions.length);
      for (const [i, action] of actions.entries()) expect(answer[i]).toBeCloseTo(action, 5);
    }
    await policy.dispose();
  });

  it('goes on from byte-equal statistics, and resumes to equal bytes', async () => {
    const folder = join(temporaryFolder(), 'run');
    const controller = new AbortController();
    await run(options, {
      runFolder: folder,
      signal: controller.signal,
      onProgress: (event) => void (event.type === 'step' && event.envSteps >= 251 && controller.abort()),
    });
    const before = readStoredCheckpoint(folder);
    const resume = { options: { envId: 'Target-v0' }, resume: true };
    const stopping = new AbortController();
    await run(options, {
      ...resume,
      runFolder: folder,
      signal: stopping.signal,
      onProgress: (event) => void (event.type === 'start' && stopping.abort()),
    });
    const after = readStoredCheckpoint(folder);
    expect(after.rest).toEqual(before.rest);
    expect(after.arrays.equals(before.arrays)).toBe(true);
    expect(JSON.stringify(after.rest)).toContain('observationStatistics.squares');
    for (const name of ['a', 'b']) {
      cpSync(folder, `${folder}-${name}`, { recursive: true });
      await run(options, { ...resume, runFolder: `${folder}-${name}` });
    }
    expect(fileHashes(`${folder}-b`)).toEqual(fileHashes(`${folder}-a`));
  });

  it('has the returns in `eval` that it had in training, as a run and as an .onnx file', async () => {
    const folder = temporaryFolder();
    const { evaluations } = await run(
      { ...smallRun, normalizeObservations: true, maxEpisodeSteps: null, totalEnvSteps: 300 },
      { runFolder: join(folder, 'run') },
    );
    const best = await readSnapshotFile(runFilePath(join(folder, 'run'), 'bestPolicy'));
    expect(best.observationNormalizer?.mean).toHaveLength(3);
    expect(evaluations.some((evaluation) => evaluation.isBest)).toBe(true);
    const cli = async (...args: string[]) => {
      const { code, stdout, stderr } = await runCli(['--json', ...args], folder);
      expect([code, stderr]).toEqual([0, '']);
      return stdout;
    };
    await cli('export', 'run', '--out', 'policy.onnx');
    await cli('verify', 'policy.onnx');
    const returns = async (policy: string) => {
      const lines = await cli('eval', policy, '--episodes', '3', '--seed', '7');
      const line = lines.split('\n').find((text) => text.includes('"evaluation"')) ?? '{}';
      return (JSON.parse(line) as { returns: number[] }).returns;
    };
    const [live, deployed] = [await returns('run'), await returns('policy.onnx')];
    expect(live).toHaveLength(3);
    for (const [i, value] of live.entries()) expect(deployed[i]).toBeCloseTo(value, 1);
    // And in this process: the same actor, the same episodes.
    const here = await evaluatePolicy({ connection, policy: best, episodes: 3, seed: 7 });
    expect(here.returns).toEqual(live);
  });
});
