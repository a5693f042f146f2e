import { describe, expect, it } from 'vitest';
import { tinyLearnerOptions } from '../../../testing/learner-runs.ts';
import type { LearnerOptions } from '../../learner.ts';
import { packBatch } from './pack-batch.ts';
import { type GraphName, layOutUpdateVector, type Role } from './update-vector.ts';

const options: LearnerOptions = {
  ...tinyLearnerOptions,
  observationSize: 2,
  actionSize: 1,
  hiddenSizes: [4],
  batchSize: 3,
};

const batch = {
  size: 3,
  observation: Float32Array.of(10, 11, 20, 21, 30, 31),
  action: Float32Array.of(12, 22, 32),
  reward: Float32Array.of(13, 23, 33),
  nextObservation: Float32Array.of(14, 15, 24, 25, 34, 35),
  terminated: Float32Array.of(0, 1, 0),
};
const noise = Float32Array.of(16, 26, 36);

function packed(role: Role): number[] {
  const vector = layOutUpdateVector(options, role);
  const out = new Float32Array(vector.batch.length).fill(7);
  packBatch(batch, noise, vector, out);
  return [...out];
}

describe('packBatch', () => {
  const pairs = [1, 10, 11, 12, 1, 20, 21, 22, 1, 30, 31, 32];
  const nextObservations = [1, 14, 15, 1, 24, 25, 1, 34, 35];

  it('writes each pair behind a one, then reward, end, noise and next observation', () => {
    const expected = [pairs, [13, 23, 33], [0, 1, 0], [16, 26, 36], nextObservations];
    expect(packed('whole')).toEqual(expected.flat());
  });

  it('leaves room for what two threads tell each other', () => {
    const exchanged = [7, 7, 7, 7, 7, 7];
    const expected = [pairs, [13, 23, 33], [0, 1, 0], exchanged, [16, 26, 36], nextObservations];
    expect(packed('critic2')).toEqual(expected.flat());
  });
});

describe('layOutUpdateVector', () => {
  const columns = ['input', 'reward', 'terminated'];
  const next = ['targetNoise', 'nextInput', 'actorTarget'];

  function inside(role: Role, graph: GraphName): string[] {
    const { parts, graphs } = layOutUpdateVector(options, role);
    const { offset, length } = graphs[graph];
    return Object.entries(parts)
      .filter(([, part]) => part.length > 0)
      .filter(([, part]) => part.offset >= offset && part.offset + part.length <= offset + length)
      .map(([name]) => name);
  }

  it('gives each graph one stretch, in which nothing lies that it does not use', () => {
    const targets = [...next, 'criticTarget1', 'criticTarget2'];
    expect(inside('whole', 'critics')).toEqual(['critic1', ...columns, ...targets, 'critic2']);
    for (const role of ['whole', 'critic1'] as const) {
      expect(inside(role, 'policy')).toEqual(['actor', 'critic1', 'input']);
    }
    for (const i of [1, 2] as const) {
      expect(inside(`critic${i}`, 'targets')).toEqual([...next, `criticTarget${i}`]);
      expect(inside(`critic${i}`, 'critic')).toEqual([`critic${i}`, ...columns, 'nextQ1', 'nextQ2']);
    }
  });
});
