import type { Batch } from '../td3/learner.ts';

/** Arrays for one minibatch, zeroed; made once and filled again for every update. */
export function createBatch(size: number, observationSize: number, actionSize: number): Batch {
  return {
    size,
    observation: new Float32Array(size * observationSize),
    action: new Float32Array(size * actionSize),
    reward: new Float32Array(size),
    nextObservation: new Float32Array(size * observationSize),
    terminated: new Float32Array(size),
  };
}
