import { memory } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { createRandomStream } from '../../random/random-stream.ts';
import {
  changedLearnerOptions,
  tinyLearnerOptions as options,
  randomUpdate,
  runUpdates,
} from '../../testing/learner-runs.ts';
import { createInitialState } from '../initial-state.ts';
import type { LearnerOptions } from '../learner.ts';
import { loadTfjsBackend } from './backend.ts';
import type { TfjsBackendName } from './backend-names.ts';
import { createTfjsLearner } from './tfjs-learner.ts';

async function stateAfter(options: LearnerOptions, updates: number) {
  const learner = await createTfjsLearner(options, createInitialState(options, 0), 'cpu');
  await runUpdates(learner, options, updates);
  const state = await learner.exportState();
  await learner.dispose();
  return state;
}

const nativeFault = await loadTfjsBackend('tensorflow').then(
  () => undefined,
  (error: Error) => error.message,
);
if (nativeFault !== undefined) process.stderr.write(`tensorflow skipped: ${nativeFault}\n`);
const backends: TfjsBackendName[] =
  nativeFault === undefined ? ['tensorflow', 'wasm', 'cpu'] : ['wasm', 'cpu'];

// A time limit for hangs only: hundreds of updates take their time on a busy machine.
describe.each(backends)('createTfjsLearner on %s', { timeout: 120_000 }, (backend) => {
  it('stays finite over 500 updates and holds no tensor longer than it needs', async () => {
    await loadTfjsBackend(backend);
    const before = memory().numTensors;
    const learner = await createTfjsLearner(options, createInitialState(options, 0), backend);
    expect(learner.description).toBe(`tfjs (${backend})`);
    await runUpdates(learner, options, 2);
    const { numTensors, numBytes } = memory();
    await runUpdates(learner, options, 500);
    expect(memory()).toMatchObject({ numTensors, numBytes });
    const metrics = await learner.readMetrics();
    for (const value of Object.values(metrics)) expect(Number.isFinite(value)).toBe(true);
    expect(metrics).toMatchObject({ gradientSteps: 502, policyUpdates: 251 });
    const { actor } = await learner.exportState();
    expect(actor.flatMap((layer) => [...layer.weight, ...layer.bias]).every(Number.isFinite)).toBe(true);
    await learner.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('goes on from an exported state as if it had never stopped', async () => {
    const straight = await createTfjsLearner(options, createInitialState(options, 0), backend);
    // An odd number: the resumed learner owes its policy update to the restored counter.
    await runUpdates(straight, options, 3);
    const state = structuredClone(await straight.exportState());
    const resumed = await createTfjsLearner(options, createInitialState(options, 99), backend);
    await resumed.importState(state);
    await runUpdates(straight, options, 150, 2);
    await runUpdates(resumed, options, 150, 2);
    expect(await resumed.exportState()).toEqual(await straight.exportState());
    expect(await resumed.readMetrics()).toEqual(await straight.readMetrics());
    await straight.dispose();
    await resumed.dispose();
  });

  it('is not disturbed by a learner on another backend', async () => {
    const alone = await createTfjsLearner(options, createInitialState(options, 0), backend);
    await runUpdates(alone, options, 4);
    const learner = await createTfjsLearner(options, createInitialState(options, 0), backend);
    const other = await createTfjsLearner(options, createInitialState(options, 5), 'cpu');
    const [first, second] = [createRandomStream(1, 'updates'), createRandomStream(1, 'updates')];
    for (let i = 0; i < 4; i++) {
      const updates = [
        learner.update(...randomUpdate(options, first)),
        other.update(...randomUpdate(options, second)),
      ];
      await Promise.all(updates);
    }
    expect(await learner.exportState()).toEqual(await alone.exportState());
    for (const made of [alone, learner, other]) await made.dispose();
  });
});

describe('createTfjsLearner', { timeout: 120_000 }, () => {
  it.each(Object.entries(changedLearnerOptions))('has a live knob %s', async (_name, change) => {
    expect(await stateAfter({ ...options, ...change }, 6)).not.toEqual(await stateAfter(options, 6));
  });

  it('moves the actor and the targets with every policyDelay-th update only', async () => {
    const learner = await createTfjsLearner(
      { ...options, policyDelay: 3 },
      createInitialState(options, 0),
      'cpu',
    );
    const initial = await learner.exportState();
    await runUpdates(learner, options, 2);
    const second = await learner.exportState();
    expect(second.critics).not.toEqual(initial.critics);
    expect([second.actor, second.actorTarget, second.criticTargets]).toEqual([
      initial.actor,
      initial.actorTarget,
      initial.criticTargets,
    ]);
    expect(second.actorAdam.step).toBe(0);
    expect((await learner.readMetrics()).actorLoss).toBeNaN();
    await runUpdates(learner, options, 1);
    const third = await learner.exportState();
    expect(third.actor).not.toEqual(second.actor);
    expect(third.actorTarget).not.toEqual(second.actorTarget);
    expect(third.criticTargets).not.toEqual(second.criticTargets);
    expect([third.actorAdam.step, third.criticAdams[1].step]).toEqual([1, 3]);
    await learner.dispose();
  });

  it('hands out copies', async () => {
    const learner = await createTfjsLearner(options, createInitialState(options, 0), 'cpu');
    const weights = await learner.actorWeights();
    const state = await learner.exportState();
    for (const layer of [...weights, ...state.actor, ...state.critics.flat()]) {
      layer.weight.fill(7);
      layer.bias.fill(7);
    }
    expect(await learner.actorWeights()).toEqual(createInitialState(options, 0).actor);
    expect(await learner.exportState()).toEqual(createInitialState(options, 0));
    await learner.dispose();
  });

  it('refuses batches and states of other shapes, and use after dispose()', async () => {
    const learner = await createTfjsLearner(options, createInitialState(options, 0), 'cpu');
    const [batch, noise] = randomUpdate(options, createRandomStream(0, 'batches'));
    const mismatch = (message: RegExp) =>
      expect.objectContaining({ code: 'SHAPE_MISMATCH', message: expect.stringMatching(message) });
    const long = { ...batch, size: 17 };
    await expect(learner.update(long, noise)).rejects.toEqual(mismatch(/expected 16 rows, got 17/));
    for (const name of ['observation', 'action', 'reward', 'nextObservation', 'terminated'] as const) {
      const cut = { ...batch, [name]: batch[name].subarray(1) };
      await expect(learner.update(cut, noise)).rejects.toEqual(
        mismatch(new RegExp(`^batch.${name}: expected`)),
      );
    }
    await expect(learner.update(batch, noise.subarray(1))).rejects.toEqual(
      mismatch(/^targetNoise: expected 32 values \(16 rows of 2\), got 31$/),
    );
    const other = createInitialState({ ...options, hiddenSizes: [8] }, 0);
    await expect(learner.importState(other)).rejects.toEqual(
      mismatch(/^actor: expected layers 3-8-8-2, got 3-8-2$/),
    );
    await expect(createTfjsLearner(options, other, 'cpu')).rejects.toEqual(mismatch(/^actor/));
    const good = createInitialState(options, 0);
    const uneven = {
      ...good,
      criticAdams: [good.criticAdams[0], { ...good.criticAdams[1], step: 4 }] as const,
    };
    await expect(learner.importState(uneven)).rejects.toMatchObject({ code: 'INVALID_STATE' });
    expect(await learner.exportState()).toEqual(good);
    await learner.dispose();
    await learner.dispose();
    await expect(learner.update(batch, noise)).rejects.toMatchObject({ code: 'DISPOSED' });
    await expect(learner.readMetrics()).rejects.toMatchObject({ code: 'DISPOSED' });
  });
});
