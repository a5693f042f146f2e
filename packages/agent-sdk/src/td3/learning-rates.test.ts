import { expect, it } from 'vitest';
import { tinyLearnerOptions as options, runUpdates } from '../testing/learner-runs.ts';
import { createCompiledLearner } from './compiled/compiled-learner.ts';
import { createInitialState } from './initial-state.ts';
import type { CreateLearner } from './learner.ts';
import { createTfjsLearner } from './tfjs/tfjs-learner.ts';

const learners: readonly (readonly [string, CreateLearner])[] = [
  ['compiled', (...args) => createCompiledLearner(...args, { thread: 'caller' })],
  ['tfjs', (...args) => createTfjsLearner(...args, 'cpu')],
];

it.each(learners)(
  '%s: after a change of learning rates goes on as a learner made with these, to the bit',
  async (_, create) => {
    const learner = await create(options, createInitialState(options, 0));
    await runUpdates(learner, options, 5);
    const before = await learner.exportState();
    await learner.setLearningRates({ actor: 5e-3, critic: 2e-4 });
    await runUpdates(learner, options, 5, 2);
    const changed = { ...options, actorLearningRate: 5e-3, criticLearningRate: 2e-4 };
    const other = await create(changed, before);
    await runUpdates(other, changed, 5, 2);
    const unchanged = await create(options, before);
    await runUpdates(unchanged, options, 5, 2);
    const state = await learner.exportState();
    expect(state).toEqual(await other.exportState());
    const still = await unchanged.exportState();
    expect(state.actor).not.toEqual(still.actor);
    expect(state.critics).not.toEqual(still.critics);
    for (const each of [learner, other, unchanged]) await each.dispose();
  },
);
