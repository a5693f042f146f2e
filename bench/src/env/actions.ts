import type { Space } from '@gymwire/protocol';

const tableLength = 64;

/**
 * Actions for `numEnvs` environments, end to end, that fill the action space; the same numbers as in
 * env_subject.py, over and over.
 * @returns what to play at each time
 */
export function actionTable(actionSpace: Space, numEnvs: number): (time: number) => Float32Array {
  if (actionSpace.type !== 'box')
    throw new Error(`expected a Box of actions, got a ${actionSpace.type} space`);
  const { low, high } = actionSpace;
  const size = low.data.length;
  const table = Array.from({ length: tableLength }, (_, time) =>
    Float32Array.from({ length: numEnvs * size }, (__, i) => {
      const share = 0.5 + 0.5 * Math.sin(1 + 2 * time + 5 * i);
      const k = i % size;
      return Number(low.data[k]) + share * (Number(high.data[k]) - Number(low.data[k]));
    }),
  );
  return (time) => table[(time + tableLength * 1000) % tableLength];
}
