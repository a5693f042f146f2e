/** Simulators that step many environments at once, each as one session: bit-equal to local, in every mode that they have. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { batchPython, oraclePython, runPythonIn } from './harness/python.ts';

const script = join('test', 'oracles', 'batch', 'match_batch.py');

it.each([
  ['envpool:HalfCheetah-v4', batchPython, ['NextStep']],
  ['envpool:Pendulum-v1', batchPython, ['NextStep']],
  ['envpool:CartPole-v1', batchPython, ['NextStep']],
  ['make_vec:Pendulum-v1:sync', oraclePython, ['NextStep', 'SameStep', 'Disabled']],
  ['make_vec:Pendulum-v1:async', oraclePython, ['NextStep', 'SameStep', 'Disabled']],
  ['make_vec:CartPole-v1:sync', oraclePython, ['NextStep', 'SameStep', 'Disabled']],
  ['make_vec:HalfCheetah-v5:sync', oraclePython, ['NextStep', 'SameStep', 'Disabled']],
] as const)('%s: 200 steps of five seeds are the local ones, bit by bit', async (name, python, modes) => {
  const said = await runPythonIn(python(), script, name, '4', '200');
  const lines = said
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { mode: string; ends: number });
  expect(lines.map(({ mode }) => mode).toSorted()).toEqual([...modes].toSorted());
  // Of something that ends: else no last observation was looked at.
  for (const { ends } of lines) expect(ends).toBeGreaterThan(4);
});
