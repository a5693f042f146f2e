import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { ResolvedTrainOptions } from '../generated/train-options.ts';
import type { CreateLearner } from '../td3/learner.ts';
import { createTfjsLearner } from '../td3/tfjs/tfjs-learner.ts';
import { smallRun, TestRun } from '../testing/run-helpers.ts';
import { train } from '../train/train.ts';
import { resolveTrainOptions } from './resolve-options.ts';

// Real learners and files, perhaps on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** Runs for real, and tells apart what an option can bear upon. */
async function observe(options: object) {
  const createLearner: CreateLearner = (wanted, state) => createTfjsLearner(wanted, state, 'cpu');
  const runFolder = await mkdtemp(join(tmpdir(), 'gymwire-'));
  const run = new TestRun({ ...smallRun, totalEnvSteps: 40, ...options }, { createLearner, runFolder });
  const { learner, envSteps, status } = await train(run.request);
  await rm(runFolder, { recursive: true });
  return {
    /** Every weight and moment. */
    learner: JSON.stringify(learner),
    length: [envSteps, status],
    environments: run.envs.map(({ request }) => request),
    evaluations: run.eventsOf('evaluation').map((event) => [event.envSteps, event.episodes]),
    logLines: run.eventsOf('training').map((event) => event.envSteps),
    checkpoints: run.eventsOf('checkpoint').map((event) => event.envSteps),
  };
}

type Aspect = keyof Awaited<ReturnType<typeof observe>>;

/** A value for each option that differs from the base run's, and what must differ then. */
const changes: {
  readonly [Key in keyof ResolvedTrainOptions]: readonly [ResolvedTrainOptions[Key], Aspect];
} = {
  envId: ['Other-v0', 'environments'],
  envArguments: [{ gravity: 1 }, 'environments'],
  maxEpisodeSteps: [5, 'environments'],
  numEnvs: [2, 'learner'],
  autoresetMode: ['next-step', 'environments'],
  seed: [1, 'learner'],
  totalEnvSteps: [41, 'length'],
  stopAtReturn: [-1000, 'length'],
  hiddenSizes: [[4, 4], 'learner'],
  actorLearningRate: [1e-2, 'learner'],
  criticLearningRate: [1e-2, 'learner'],
  batchSize: [5, 'learner'],
  gamma: [0.5, 'learner'],
  tau: [0.5, 'learner'],
  policyDelay: [3, 'learner'],
  targetPolicyNoise: [0.5, 'learner'],
  targetNoiseClip: [0.1, 'learner'],
  gradientStepsPerTransition: [0.5, 'learner'],
  mode: ['alternating', 'learner'],
  normalizeObservations: [true, 'learner'],
  bufferSize: [15, 'learner'],
  learningStarts: [12, 'learner'],
  explorationNoise: [0.3, 'learner'],
  explorationNoiseType: ['ornstein-uhlenbeck', 'learner'],
  evaluationInterval: [15, 'evaluations'],
  evaluationEpisodes: [2, 'evaluations'],
  logInterval: [9, 'logLines'],
  checkpointInterval: [12, 'checkpoints'],
};

describe('every option', () => {
  const base = observe({});

  it('is tried here', () => {
    expect(Object.keys(changes).sort()).toEqual(Object.keys(resolveTrainOptions(smallRun)).sort());
  });

  it('leaves the run as it is when it is given its own value', async () => {
    expect(await observe({ gamma: 0.99 })).toEqual(await base);
  });

  it.each(Object.entries(changes))('%s changes the result', async (key, [value, aspect]) => {
    expect((await observe({ [key]: value }))[aspect]).not.toEqual((await base)[aspect]);
  });
});
