/** `train` and `evaluatePolicy` with nothing of a user's own: a server's address, or a connection, is all that they ask for. */

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  connect,
  createSnapshotPolicy,
  type EnvConnection,
  evaluatePolicy,
  type LearnerName,
  type ProgressEvent,
  type TrainRequest,
  train,
} from '@gymwire/agent-sdk';
import { evaluate } from '@gymwire/agent-sdk/parts';
import { type EnvServer, startEnvServer } from '@gymwire/env-server';
import { exportPolicy, OnnxPolicy } from '@gymwire/exporter';
import { builtinEnvs } from '@gymwire/simulators';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { localEnvs } from '../support/local-env.ts';
import { smallRun, trainSmall } from '../support/small-training.ts';
import { targetEnv } from '../support/target-env.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const maxNumEnvs = 4;

let server: EnvServer;
let connection: EnvConnection;
beforeAll(async () => {
  server = await startEnvServer({ port: 0, envs: [...builtinEnvs, targetEnv], maxNumEnvs });
  connection = await connect(server.address);
});
afterAll(async () => {
  connection.close();
  await server.shutdown();
});

/** Behind a proxy that cuts connections. What a cut leaves on the server ends with the test, as both do. */
async function startCutServer() {
  const own = await startEnvServer({ port: 0, envs: builtinEnvs });
  onTestFinished(() => own.shutdown());
  return startTcpProxy(own.address);
}

const fault = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error;

describe('train', () => {
  it('given an address connects, chooses the compiled learner, and leaves nothing open', async () => {
    const events: ProgressEvent[] = [];
    const { learner } = await train({
      server: server.address,
      options: smallRun,
      onProgress: (event) => void events.push(event),
    });
    expect(learner).toEqual((await trainSmall(localEnvs('same-step'))).learner);
    expect(events.find(({ type }) => type === 'start')).toMatchObject({
      learner: expect.stringContaining('compiled') as string,
    });
    expect(events.map(({ type }) => type)).not.toContain('notice');
    expect(server.sessionCount).toBe(0);
  });

  it('takes a boolean for whether the folder holds a run, with the options of both', async () => {
    const runFolder = join(mkdtempSync(join(tmpdir(), 'gymwire-train-')), 'run');
    onTestFinished(() => rmSync(dirname(runFolder), { recursive: true, force: true }));
    const options = { ...smallRun, totalEnvSteps: 200 };
    const play = (resume: boolean) => train({ connection, runFolder, options, resume });
    const first = await play(existsSync(runFolder));
    const again = await play(existsSync(runFolder));
    expect(again.learner).toEqual(first.learner);
    await expect(train({ connection, runFolder, options })).rejects.toThrow(
      fault('RUN_EXISTS', /go on with it \(resume: true\) or choose another folder/),
    );
    const other = train({
      connection,
      runFolder,
      options: { ...options, seed: 9, gamma: 0.5 },
      resume: true,
    });
    await expect(other).rejects.toThrow(fault('CONFIG_MISMATCH', /seed: .*; gamma: /));
  });

  it('given a connection leaves it open', async () => {
    await train({ connection, options: { ...smallRun, totalEnvSteps: 200 } });
    expect(server.sessionCount).toBe(0);
    expect(await connection.listEnvs()).not.toHaveLength(0);
  });

  it('tells what computes where it is not the compiled learner', async () => {
    const notices: string[] = [];
    await train({
      connection,
      learner: 'tfjs-cpu',
      options: { ...smallRun, totalEnvSteps: 200 },
      onProgress: (event) => void (event.type === 'notice' && notices.push(event.message)),
    });
    expect(notices).toEqual([expect.stringMatching(/^tfjs computes with its cpu backend/)]);
  });

  it('tells of a connection that breaks, and goes on to the same bits', async () => {
    const proxy = await startCutServer();
    const notices: string[] = [];
    const { learner } = await train({
      server: { address: proxy.address, jitter: () => 0 },
      options: smallRun,
      onProgress(event) {
        if (event.type === 'notice') notices.push(event.message);
        if (event.type === 'step' && event.envSteps === 200) proxy.cut();
      },
    });
    expect(learner).toEqual((await trainSmall(localEnvs('same-step'))).learner);
    expect(notices[0]).toMatch(/^Pendulum-v1: .*; connecting again$/);
    expect(notices).toContain('Pendulum-v1: connected again, nothing is lost');
  });

  it('fails with PROGRESS_FAILED where it is a broken connection that nobody can be told of', async () => {
    const proxy = await startCutServer();
    const failing = train({
      server: { address: proxy.address, jitter: () => 0 },
      options: smallRun,
      onProgress(event) {
        if (event.type === 'notice') throw new Error('no more paper');
        if (event.type === 'step' && event.envSteps === 200) proxy.cut();
      },
    });
    await expect(failing).rejects.toThrow(fault('PROGRESS_FAILED', /no more paper/));
  });

  it('waits for no broken connection once it is told to stop', async () => {
    const proxy = await startCutServer();
    const controller = new AbortController();
    const training = train({
      server: proxy.address,
      options: smallRun,
      signal: controller.signal,
      onProgress(event) {
        if (event.type === 'notice') controller.abort();
        if (event.type !== 'step' || event.envSteps !== 200) return;
        proxy.retarget('127.0.0.1:1');
        proxy.cut();
      },
    });
    expect(await training).toMatchObject({ status: 'interrupted' });
  });

  it('refuses more environments than the server allows, before it makes any', async () => {
    const asked = train({ connection, options: { ...smallRun, numEnvs: 5 } });
    await expect(asked).rejects.toThrow(fault('INVALID_OPTION', /^numEnvs: expected at most 4, .*; got 5$/));
    expect(server.sessionCount).toBe(0);
  });

  const makeEnv = localEnvs('same-step');
  const createLearner = () => Promise.reject(new Error('never called'));
  const options = smallRun;
  const learner: LearnerName = 'tfjs';
  const name = 'fast' as LearnerName;
  it.each<[string, () => TrainRequest]>([
    // @ts-expect-error -- environments from nowhere
    ['server: expected one of server, connection, makeEnv; got none of them', () => ({ options })],
    [
      'server: expected one of server, connection, makeEnv; got connection and makeEnv',
      // @ts-expect-error -- environments from two places
      () => ({ options, connection, makeEnv }),
    ],
    // @ts-expect-error -- two learners
    ['learner: createLearner makes the learner', () => ({ options, makeEnv, createLearner, learner })],
    [
      'learnerThreads: createLearner makes the learner',
      // @ts-expect-error -- threads of a learner that is there
      () => ({ options, makeEnv, createLearner, learnerThreads: 2 }),
    ],
    [
      'learnerThreads: only the compiled learner has threads; got 2 with learner tfjs',
      () => ({ options, makeEnv, learner, learnerThreads: 2 }),
    ],
    ['learner: expected one of auto, compiled, ', () => ({ options, makeEnv, learner: name })],
    ['train takes no "learnr": did you mean learner?', () => ({ options, makeEnv, learnr: 'tfjs' })],
    [
      'server takes no "tokn": did you mean token?',
      () => ({ options, server: Object.assign({ address: server.address }, { tokn: 'x' }) }),
    ],
    // A connection has an address, too.
    ['server: expected an address; give a connection as', () => ({ options, server: connection })],
    // @ts-expect-error -- a resume of nothing
    ['resume: needs a run folder', () => ({ options, makeEnv, resume: true })],
    // @ts-expect-error -- a new run without an environment
    ['envId: expected string, got nothing', () => ({ options: {}, makeEnv })],
    [
      'options.totalEnvStep is no option (did you mean totalEnvSteps?)',
      () => ({ options: Object.assign({ totalEnvStep: 5 }, options), makeEnv }),
    ],
    [
      'train takes no "envId": it belongs into options',
      () => Object.assign({ envId: 'Pendulum-v1' }, { options, makeEnv }),
    ],
    ['train takes no "folder": expected one of', () => Object.assign({ folder: 'x' }, { options, makeEnv })],
  ])('refuses what contradicts itself: %s', async (message, request) => {
    await expect(train(request())).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(message) as string,
    });
  });
});

describe('evaluatePolicy', () => {
  it('plays a snapshot as it was trained, on as many environments as the server allows', async () => {
    const { policy } = await trainSmall(connection, { envArguments: { g: 2 } });
    const here = await localEnvs('same-step')({
      purpose: 'evaluation',
      envId: 'Pendulum-v1',
      envArguments: { g: 2 },
      maxEpisodeSteps: 25,
      autoresetMode: 'same-step',
      numEnvs: 1,
    });
    const expected = await evaluate({
      env: here,
      policy: createSnapshotPolicy(policy),
      episodes: 7,
      seed: 3,
    });
    await here.close();
    for (const where of [{ server: server.address }, { connection }]) {
      expect(await evaluatePolicy({ ...where, policy, episodes: 7, seed: 3 })).toEqual(expected);
    }
    expect(server.sessionCount).toBe(0);
    const changes = { envArguments: { g: 10 }, maxEpisodeSteps: 10 };
    const other = await evaluatePolicy({ connection, policy, episodes: 2, seed: 3, ...changes });
    expect(other.lengths).toEqual([10, 10]);
    expect(other.returns).not.toEqual(expected.returns.slice(0, 2));
  });

  it('plays any other policy, with word of what it was trained on', async () => {
    const policy = { act: (_: Float32Array, rows: number) => new Float32Array(rows), reset: () => undefined };
    const result = await evaluatePolicy({
      connection,
      policy,
      trainedOn: { envId: 'Pendulum-v1', maxEpisodeSteps: 12 },
      episodes: 2,
    });
    expect(result).toMatchObject({ episodes: 2, lengths: [12, 12] });
    // @ts-expect-error -- where should it play?
    await expect(evaluatePolicy({ connection, policy })).rejects.toThrow(
      fault('INVALID_OPTION', /^policy: expected a PolicySnapshot, or a policy together with trainedOn/),
    );
  });

  it('refuses a server that makes another environment than it was asked for', async () => {
    const { policy } = await trainSmall(connection, { envArguments: { g: 2 } });
    const forgetful: EnvConnection = {
      ...connection,
      makeVector: (envId, asked) => connection.makeVector(envId, { ...asked, arguments: {} }),
    };
    await expect(evaluatePolicy({ connection: forgetful, policy })).rejects.toThrow(
      fault('ENV_MISMATCH', /^envArguments\.g: the options say 2, the environment was made with its default/),
    );
    expect(server.sessionCount).toBe(0);
  });

  it('refuses observations that the policy would misread', async () => {
    const { policy } = await trainSmall(connection, { envId: 'Target-v0' });
    const { bytes } = await exportPolicy(policy);
    const onnx = await OnnxPolicy.load(bytes);
    const trainedOn = { ...onnx.metadata, envId: 'Pendulum-v1' };
    await expect(evaluatePolicy({ connection, policy: onnx, trainedOn })).rejects.toThrow(
      fault('OBSERVATION_STRUCTURE', /reads Pendulum-v1 wrongly/),
    );
    const played = await evaluatePolicy({ connection, policy: onnx, trainedOn: onnx.metadata, episodes: 3 });
    expect(played.lengths).toEqual((await evaluatePolicy({ connection, policy, episodes: 3 })).lengths);
    await onnx.dispose();
    await expect(evaluatePolicy({ connection, policy: { ...policy, envId: 'Pendulum-v1' } })).rejects.toThrow(
      fault('OBSERVATION_STRUCTURE', /^the policy, trained on Pendulum-v1, reads Pendulum-v1 wrongly: /),
    );
  });

  it.each([
    [{ episodes: 0 }, /^episodes: expected a whole number of at least 1, got 0/],
    [{ episode: 3 }, /^evaluatePolicy takes no "episode": did you mean episodes\?/],
    [{ seed: 1.5 }, /^seed: expected a whole number of at least 0, got 1.5/],
  ])('refuses %j', async (wrong, message) => {
    const { policy } = await trainSmall(connection, { totalEnvSteps: 160 });
    const asked = evaluatePolicy({ connection, policy, ...wrong });
    await expect(asked).rejects.toThrow(fault('INVALID_OPTION', message));
  });
});
