import type { PolicySnapshot } from '@gymwire/agent-sdk';
import type { NetworkState } from '@gymwire/agent-sdk/parts';
import { readGoldenCase } from './td3-case.ts';

/** The actor that the authors' PyTorch class ends with in a golden file of TD3's update. */
export function trainedActor(name: string): NetworkState {
  const actor = readGoldenCase(name).updates.at(-1)?.after?.actor;
  if (actor === undefined) throw new Error(`${name}.json has no actor after its last update`);
  return actor;
}

/** A snapshot as the trainer makes it of an environment that was given no arguments. */
export function trainedSnapshot(name: string): PolicySnapshot {
  const actor = trainedActor(name);
  const observationSize = actor[0]?.inputs ?? 0;
  const actionSize = actor.at(-1)?.outputs ?? 0;
  return {
    envId: 'Golden-v1',
    actor,
    actionLow: Float32Array.from({ length: actionSize }, (_, k) => -0.4 - k),
    actionHigh: Float32Array.from({ length: actionSize }, (_, k) => 2.3 + k),
    observationLow: new Float32Array(observationSize).fill(Number.NEGATIVE_INFINITY),
    observationHigh: new Float32Array(observationSize).fill(12.5),
    observationLayout: {
      type: 'dict',
      entries: [
        ['rest', { type: 'box', dtype: 'float64', shape: [observationSize - 1] }],
        ['on', { type: 'tuple', items: [{ type: 'box', dtype: 'bool', shape: [] }] }],
      ],
    },
    observationNormalizer: {
      mean: Float32Array.from({ length: observationSize }, (_, i) => i / 10),
      scale: Float32Array.from({ length: observationSize }, (_, i) => 1 + i / 3),
      clip: 10,
    },
    envSteps: 12_345,
    evaluation: { episodes: 10, meanReturn: -152.1, stdReturn: 90.3, meanLength: 200 },
    configHash: '0123456789abcdef'.repeat(4),
  };
}
