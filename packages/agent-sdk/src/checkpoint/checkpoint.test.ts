import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRandomStream } from '../random/random-stream.ts';
import { ReplayBuffer } from '../replay/replay-buffer.ts';
import { createInitialState } from '../td3/initial-state.ts';
import { type Checkpoint, readCheckpoint, readCheckpointSummary, writeCheckpoint } from './checkpoint.ts';
import { writeContainer } from './write-container.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gymwire-'));
  path = join(folder, 'checkpoint.bin');
});
afterEach(() => rm(folder, { recursive: true }));

const sizes = { observationSize: 3, actionSize: 2, capacity: 5 };

/** A ring that has wrapped. */
function createReplay(): ReplayBuffer {
  const replay = new ReplayBuffer(sizes);
  for (let i = 0; i < 7; i++) replay.add([i, 1, 2], [0.1, -0.1], i / 3, [i + 1, 1, 2], i % 2 === 0);
  return replay;
}

function createCheckpoint(replay: ReplayBuffer): Checkpoint {
  const stream = createRandomStream(1, 'test');
  stream.standardNormal();
  return {
    options: { gamma: 0.99, hiddenSizes: [4], stopAtReturn: null },
    counters: {
      envSteps: 7,
      learningTransitions: 5,
      gradientSteps: 5,
      episodes: 3,
      resumes: 0,
      nextLogAt: 10,
      nextEvaluationAt: 20,
      lastEvaluationAt: null,
    },
    interval: { episodes: 1, returnSum: -0.1, lengthSum: 4, actorOutputs: 8, saturatedOutputs: 1 },
    streams: {
      warmUp: stream.exportState(),
      exploration: createRandomStream(2, 'b').exportState(),
      targetNoise: createRandomStream(3, 'c').exportState(),
      batchIndices: createRandomStream(4, 'd').exportState(),
    },
    learner: createInitialState({ ...sizes, hiddenSizes: [4] }, 9),
    replay: replay.exportState(),
    observationStatistics: {
      count: 7,
      mean: Float64Array.of(1 / 3, -1e-300, 2),
      squares: Float64Array.of(0, 1e300, 0.1),
    },
    lastEvaluation: null,
    best: null,
    metricsBytes: 123,
  };
}

describe('checkpoint', () => {
  it('gives back everything, bit for bit', async () => {
    const checkpoint = createCheckpoint(createReplay());
    await writeCheckpoint(path, checkpoint);
    expect(await readCheckpoint(path)).toEqual(checkpoint);
    const { options, counters, lastEvaluation, best, metricsBytes } = checkpoint;
    const summary = { options, counters, lastEvaluation, best, metricsBytes };
    expect(await readCheckpointSummary(path)).toEqual(summary);
  });

  it('can be read straight into a replay buffer', async () => {
    const replay = createReplay();
    await writeCheckpoint(path, createCheckpoint(replay));
    const target = new ReplayBuffer(sizes);
    const checkpoint = await readCheckpoint(path, (name, length) => target.columnView(name.slice(7), length));
    expect(checkpoint.replay.observation.buffer).toBe(target.columnView('observation', 1)?.buffer);
    target.importState(checkpoint.replay);
    expect(target.exportState()).toEqual(replay.exportState());
    expect(target.columnView('observation', 16)).toBeUndefined();
    expect(target.columnView('toString', 1)).toBeUndefined();
  });

  it('refuses a checkpoint that lacks something', async () => {
    const { streams, ...rest } = createCheckpoint(createReplay());
    const { batchIndices: _lost, ...others } = streams;
    await writeContainer(path, 'checkpoint', { ...rest, streams: others });
    await expect(readCheckpoint(path)).rejects.toMatchObject({
      code: 'FILE_CORRUPT',
      message: expect.stringContaining('streams.batchIndices'),
    });
  });
});
