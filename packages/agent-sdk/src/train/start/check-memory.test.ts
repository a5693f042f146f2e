import { totalmem } from 'node:os';
import { expect, it } from 'vitest';
import { createInitialState } from '../../td3/initial-state.ts';
import type { LearnerState, NetworkState } from '../../td3/network-state.ts';
import { tinyLearnerOptions } from '../../testing/learner-runs.ts';
import { TestRun } from '../../testing/run-helpers.ts';
import { train } from '../train.ts';
import { checkMemory } from './check-memory.ts';

const replay = { observationSize: 3, actionSize: 2, capacity: 1000, expected: 100 };

function bytesOf(state: LearnerState): number {
  const adams = [state.actorAdam, ...state.criticAdams].flatMap((adam) => [
    adam.firstMoment,
    adam.secondMoment,
  ]);
  const networks: NetworkState[] = [
    state.actor,
    state.actorTarget,
    ...state.critics,
    ...state.criticTargets,
    ...adams,
  ];
  return networks.flat().reduce((sum, { weight, bias }) => sum + weight.byteLength + bias.byteLength, 0);
}

it('counts what there will be', () => {
  const learner = { ...tinyLearnerOptions, hiddenSizes: [64, 48], batchSize: 1 };
  const networks = 2 * bytesOf(createInitialState(learner, 0));
  const ofReplay = 100 * 10 * 4;
  const ofBatch = 4 * (10 + 4 * (3 + 64 + 48 + 2 + 5 + 64 + 48 + 1));
  const sum = networks + ofReplay + ofBatch;
  checkMemory(learner, replay, 1, sum);
  expect(() => checkMemory(learner, replay, 1, sum - 1)).toThrow(
    expect.objectContaining({
      code: 'INVALID_OPTION',
      message: expect.stringMatching(/^hiddenSizes 64,48: /),
    }),
  );
});

it('names the option that takes most, and how much', () => {
  const available = 8e9;
  const huge = { ...tinyLearnerOptions, hiddenSizes: [100_000, 100_000] };
  expect(() => checkMemory(huge, replay, 1, available)).toThrow(
    /^hiddenSizes 100000,100000: networks with Adam’s moments would take 960\.\d GB, .*; this machine has 8\.0 GB$/,
  );
  expect(() => checkMemory({ ...tinyLearnerOptions, batchSize: 1e9 }, replay, 1, available)).toThrow(
    /^batchSize 1000000000: /,
  );
  const full = { ...replay, capacity: 1e9, expected: 1e9 };
  expect(() => checkMemory(tinyLearnerOptions, full, 1, available)).toThrow(
    'bufferSize 1000000000: a replay buffer for the run would take 40.0 GB, the whole run 40.0 GB; this machine has 8.0 GB',
  );
});

it('counts every run that shares the machine', () => {
  const half = { ...replay, capacity: 1e8, expected: 1e8 };
  expect(() => checkMemory(tinyLearnerOptions, half, 2, 8.1e9)).not.toThrow();
  expect(() => checkMemory(tinyLearnerOptions, half, 3, 8.1e9)).toThrow(
    /^bufferSize 100000000: .* this machine has 8\.1 GB for 3 such runs at a time$/,
  );
});

it('a run that does not fit ends before anything is allocated', async () => {
  const run = new TestRun({ hiddenSizes: [1_000_000, Math.ceil(totalmem() / 1e6)] });
  await expect(train(run.request)).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringMatching(/^hiddenSizes 1000000,\d+: .* this machine has/) as string,
  });
  expect(run.learners).toEqual([]);
});

it('a run of few steps takes memory for these, whatever the buffer could hold', async () => {
  const run = new TestRun({ bufferSize: 1e15, numEnvs: 4 });
  await train(run.request);
  // The last vector step may bring three more than the 60.
  expect(run.eventsOf('start')[0]?.replayBytes).toBe(63 * 5 * 4);
});
