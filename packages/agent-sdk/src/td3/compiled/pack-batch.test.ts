import { describe, expect, it } from 'vitest';
import type { LearnerOptions } from '../learner.ts';
import { packBatch } from './pack-batch.ts';
import { layOutUpdateVector } from './update-vector.ts';

const options: LearnerOptions = {
  observationSize: 2,
  actionSize: 1,
  hiddenSizes: [4],
  batchSize: 3,
  gamma: 0.99,
  tau: 0.005,
  targetPolicyNoise: 0.2,
  targetNoiseClip: 0.5,
  policyDelay: 2,
  actorLearningRate: 1e-3,
  criticLearningRate: 1e-3,
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

function packed(firstRow: number, rows: number): number[] {
  const vector = layOutUpdateVector(options, rows);
  const out = new Float32Array(vector.batch.length).fill(Number.NaN);
  packBatch(batch, noise, firstRow, vector, out);
  return [...out];
}

describe('packBatch', () => {
  it('writes each pair behind a one, then noise, reward, end and next observation', () => {
    const expected = [
      [1, 10, 11, 12, 1, 20, 21, 22, 1, 30, 31, 32],
      [16, 26, 36],
      [13, 23, 33],
      [0, 1, 0],
      [1, 14, 15, 1, 24, 25, 1, 34, 35],
    ];
    expect(packed(0, 3)).toEqual(expected.flat());
  });

  it('takes the rows that it is told to', () => {
    expect(packed(1, 1)).toEqual([1, 20, 21, 22, 26, 23, 1, 1, 24, 25]);
  });
});

describe('layOutUpdateVector', () => {
  it('gives each graph one stretch, in which nothing lies that it does not use', () => {
    const { parts, criticsGraph, policyGraph, batch: columns, length } = layOutUpdateVector(options, 3);
    const inside = ({ offset, length: size }: { offset: number; length: number }) =>
      Object.entries(parts)
        .filter(([, part]) => part.offset >= offset && part.offset + part.length <= offset + size)
        .map(([name]) => name);
    const batchColumns = ['input', 'targetNoise', 'reward', 'terminated', 'nextInput'];
    const targets = ['actorTarget', 'criticTarget1', 'criticTarget2'];
    expect(inside(columns)).toEqual(batchColumns);
    expect(inside(policyGraph)).toEqual(['actor', 'critic1', 'input']);
    expect(inside(criticsGraph)).toEqual(['critic1', ...batchColumns, ...targets, 'critic2']);
    const end = Math.max(...Object.values(parts).map((part) => part.offset + part.length));
    expect(end).toBe(length);
  });
});
