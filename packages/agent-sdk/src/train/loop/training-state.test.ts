import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCheckpoint, writeCheckpoint } from '../../checkpoint/checkpoint.ts';
import { resolveTrainOptions } from '../../options/resolve-options.ts';
import type { PolicyMemory } from '../../policy/policy.ts';
import { ReplayBuffer } from '../../replay/replay-buffer.ts';
import { createInitialState } from '../../td3/initial-state.ts';
import { StepCountingPolicy } from '../../testing/step-counting-policy.ts';
import { LiveActor } from './live-actor.ts';
import { createCheckpoint, createTrainingState, restoreMemory } from './training-state.ts';

const sizes = { observationSize: 1, actionSize: 1 };
const learner = createInitialState({ ...sizes, hiddenSizes: [4] }, 1);
const environment = {
  maxEpisodeSteps: null,
  observationLow: Float32Array.of(-1),
  observationHigh: Float32Array.of(1),
  actionLow: Float32Array.of(-1),
  actionHigh: Float32Array.of(1),
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gymwire-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Writes a checkpoint of a run whose actor has this memory, and reads it. */
async function throughFile(memory: PolicyMemory | undefined) {
  const options = resolveTrainOptions({ envId: 'Some-v0' });
  const state = createTrainingState(options, new ReplayBuffer({ ...sizes, capacity: 4 }));
  const path = join(folder, 'checkpoint.bin');
  const checkpoint = createCheckpoint(options, environment, state, learner, memory);
  await writeCheckpoint(path, { ...checkpoint, metricsBytes: 0 });
  return readCheckpoint(path);
}

describe('what a policy remembers', () => {
  it('goes through a checkpoint: the next actions are those of a run that never stopped', async () => {
    const playing = new StepCountingPolicy();
    const rows = [Float32Array.of(0.1, 0.2, 0.3), Float32Array.of(-0.1, 0, 0.4)];
    playing.reset([0, 1, 2]);
    playing.act(rows[0], 3);
    playing.reset([1]);
    const { policyMemory } = await throughFile(playing.memory);
    const resumed = new StepCountingPolicy();
    restoreMemory(resumed.memory, policyMemory);
    const actions = playing.act(rows[1], 3);
    expect(resumed.act(rows[1], 3)).toEqual(actions);
    // Second, first and second step of their episodes.
    expect([...actions]).toEqual([-0.1, 0, 0.4].map((x, i) => Math.fround(x / 2 + [0.25, 0.5, 0.25][i])));
  });

  it('is not in the checkpoint of an actor that remembers nothing, as the one in training', async () => {
    const actor = new LiveActor(learner.actor, 0, null);
    const checkpoint = await throughFile(actor.memory);
    expect(checkpoint).not.toHaveProperty('policyMemory');
    restoreMemory(actor.memory, checkpoint.policyMemory);
  });

  it('is refused where none is kept, and missed where one is', () => {
    const { memory } = new StepCountingPolicy();
    const invalid = expect.objectContaining({ code: 'INVALID_STATE' });
    expect(() => restoreMemory(undefined, memory.exportState())).toThrow(invalid);
    expect(() => restoreMemory(memory, undefined)).toThrow(invalid);
  });
});
