import { printTrace } from '@gymwire/onnx-graph/trace';
import { describe, expect, it } from 'vitest';
import { tinyLearnerOptions } from '../../testing/learner-runs.ts';
import { graphInputs } from './graphs/graph-inputs.ts';
import type { GraphName, Role } from './memory/update-vector.ts';
import { updateGraphs } from './td3-update.ts';

/** Networks small enough to read and with all parts: two hidden layers, a batch of two. */
const options = {
  ...tinyLearnerOptions,
  observationSize: 3,
  actionSize: 1,
  hiddenSizes: [5, 4],
  batchSize: 2,
};

const graphs: readonly (readonly [GraphName, Role])[] = [
  ['critics', 'whole'],
  ['policy', 'whole'],
  ['targets', 'critic1'],
  ['critic', 'critic1'],
];

describe('the traced graphs of an update', () => {
  it.each(graphs)('%s of %s is what printed/ shows', async (name, role) => {
    const print = printTrace(updateGraphs[name](graphInputs(options, role, name)));
    await expect(print).toMatchFileSnapshot(`printed/${name}.txt`);
  });

  it('differ from one critic to the other in names only', () => {
    const print = (role: Role) => printTrace(updateGraphs.critic(graphInputs(options, role, 'critic')));
    expect(print('critic2')).toBe(print('critic1'));
  });
});
