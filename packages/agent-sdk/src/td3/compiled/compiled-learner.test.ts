import { describe, expect, it } from 'vitest';
import { createRandomStream } from '../../random/random-stream.ts';
import {
  changedLearnerOptions,
  tinyLearnerOptions as options,
  randomUpdate,
  runUpdates,
  weightDifferences,
} from '../../testing/learner-runs.ts';
import { createInitialState } from '../initial-state.ts';
import type { LearnerOptions } from '../learner.ts';
import type { LearnerState, NetworkState } from '../network-state.ts';
import { createTfjsLearner } from '../tfjs/tfjs-learner.ts';
import { createCompiledLearner } from './compiled-learner.ts';

async function create(changed: LearnerOptions = options, initial = createInitialState(changed, 0)) {
  return createCompiledLearner(changed, initial, { thread: 'caller' });
}

async function stateAfter(changed: LearnerOptions, updates: number): Promise<LearnerState> {
  const learner = await create(changed);
  await runUpdates(learner, changed, updates);
  const state = await learner.exportState();
  await learner.dispose();
  return state;
}

function mapMoments(state: LearnerState, map: (values: Float32Array) => Float32Array): LearnerState {
  const network = (layers: NetworkState): NetworkState =>
    layers.map((layer) => ({ ...layer, weight: map(layer.weight), bias: map(layer.bias) }));
  const adam = (moments: LearnerState['actorAdam']) => ({
    ...moments,
    firstMoment: network(moments.firstMoment),
    secondMoment: network(moments.secondMoment),
  });
  const [first, second] = state.criticAdams;
  return { ...state, actorAdam: adam(state.actorAdam), criticAdams: [adam(first), adam(second)] };
}

describe('the compiled learner', () => {
  /** Depth 1 to 4, width 1 to 300, batch 1 to 300, delay 1 to 3, large matrices and small ones. */
  const shapes: readonly Partial<LearnerOptions>[] = [
    { hiddenSizes: [1], batchSize: 1, policyDelay: 1, observationSize: 1, actionSize: 1 },
    { hiddenSizes: [7], batchSize: 300, policyDelay: 3 },
    { hiddenSizes: [1, 1], batchSize: 5 },
    { hiddenSizes: [64, 64], batchSize: 100, observationSize: 3, actionSize: 1 },
    { hiddenSizes: [300, 200], batchSize: 33, observationSize: 17, actionSize: 6, policyDelay: 1 },
    { hiddenSizes: [130, 127, 131], batchSize: 64, observationSize: 11, actionSize: 3, policyDelay: 3 },
    { hiddenSizes: [40, 1, 300, 60], batchSize: 17, observationSize: 60, actionSize: 20 },
    { hiddenSizes: [16, 16, 16, 16], batchSize: 1, policyDelay: 2 },
    { hiddenSizes: [2, 256], batchSize: 256, observationSize: 100, actionSize: 1, policyDelay: 1 },
  ];

  it.each(shapes)('does what the plain learner does: %j', async (shape) => {
    const changed = { ...options, ...shape };
    const initial = createInitialState(changed, 3);
    const plain = await createTfjsLearner(changed, initial, 'wasm');
    const compiled = await create(changed, initial);
    await runUpdates(plain, changed, 6);
    await runUpdates(compiled, changed, 6);
    const [found, expected] = [await compiled.exportState(), await plain.exportState()];
    // Where a gradient is as small as its own rounding error, Adam still makes a visible part of a step of 1e-3.
    const { largest, mean } = weightDifferences(found, expected);
    expect(largest).toBeLessThan(3e-5);
    expect(mean).toBeLessThan(5e-8);
    expect(found.gradientSteps).toBe(expected.gradientSteps);
    expect(found.actorAdam.step).toBe(expected.actorAdam.step);
    const [metrics, plainMetrics] = [await compiled.readMetrics(), await plain.readMetrics()];
    const relative = (name: keyof typeof metrics) =>
      Math.abs(metrics[name] - plainMetrics[name]) / (1 + Math.abs(plainMetrics[name]));
    const errors = (Object.keys(plainMetrics) as (keyof typeof metrics)[]).map(relative);
    expect(Math.max(...errors)).toBeLessThan(1e-5);
    await plain.dispose();
    await compiled.dispose();
  });

  it('gives equal bits for equal arguments', async () => {
    expect(await stateAfter(options, 9)).toEqual(await stateAfter(options, 9));
  });

  it('goes on from an exported state as if it had never stopped', async () => {
    const wide = { ...options, hiddenSizes: [130, 130] };
    const straight = await create(wide);
    // An odd number: the resumed learner owes its policy update to the restored counter.
    await runUpdates(straight, wide, 3);
    const resumed = await create(wide, createInitialState(wide, 99));
    await resumed.importState(structuredClone(await straight.exportState()));
    await runUpdates(straight, wide, 140, 2);
    await runUpdates(resumed, wide, 140, 2);
    expect(await resumed.exportState()).toEqual(await straight.exportState());
    expect(await resumed.readMetrics()).toEqual(await straight.readMetrics());
    expect(await resumed.actorWeights()).toEqual((await straight.exportState()).actor);
    await straight.dispose();
    await resumed.dispose();
  });

  it('hands out copies', async () => {
    const learner = await create();
    const [actor, state] = [await learner.actorWeights(), await learner.exportState()];
    const before = structuredClone({ actor, state });
    await runUpdates(learner, options, 4);
    expect({ actor, state }).toEqual(before);
    await learner.dispose();
  });

  it.each(Object.entries(changedLearnerOptions))('changes its result with %s', async (_name, change) => {
    expect(await stateAfter({ ...options, ...change }, 6)).not.toEqual(await stateAfter(options, 6));
  });

  it('takes batches that lie in shared memory', async () => {
    const shared = (values: Float32Array): Float32Array => {
      const copy = new Float32Array(new SharedArrayBuffer(values.byteLength));
      copy.set(values);
      return copy;
    };
    const [batch, noise] = randomUpdate(options, createRandomStream(1, 'updates'));
    const learner = await create();
    await learner.update(
      {
        size: batch.size,
        observation: shared(batch.observation),
        action: shared(batch.action),
        reward: shared(batch.reward),
        nextObservation: shared(batch.nextObservation),
        terminated: shared(batch.terminated),
      },
      shared(noise),
    );
    expect(await learner.exportState()).toEqual(await stateAfter(options, 1));
    await learner.dispose();
  });

  it('runs calls that overlap one after the other', async () => {
    const stream = createRandomStream(1, 'updates');
    const learner = await create();
    const updates = Array.from({ length: 5 }, () => learner.update(...randomUpdate(options, stream)));
    const state = learner.exportState();
    const metrics = learner.readMetrics();
    await Promise.all(updates);
    expect(await state).toEqual(await stateAfter(options, 5));
    expect((await metrics).gradientSteps).toBe(5);
    await learner.dispose();
  });

  it('has no metrics before it has measured any', async () => {
    const learner = await create();
    const none = { criticLoss: Number.NaN, meanQ: Number.NaN, meanTarget: Number.NaN, actorLoss: Number.NaN };
    expect(await learner.readMetrics()).toEqual({ ...none, gradientSteps: 0, policyUpdates: 0 });
    await runUpdates(learner, options, 1);
    const metrics = await learner.readMetrics();
    expect(metrics.actorLoss).toBeNaN();
    expect(Number.isFinite(metrics.criticLoss)).toBe(true);
    await learner.dispose();
  });

  it('sets moments that have decayed to nothing to zero', async () => {
    const tiny = mapMoments(createInitialState(options, 0), (values) => values.fill(1e-35));
    const learner = await create(options, tiny);
    const critics = async () =>
      (await learner.exportState()).criticAdams
        .flatMap((adam) => [...adam.firstMoment, ...adam.secondMoment])
        .flatMap((layer) => [...layer.weight, ...layer.bias].map(Math.abs));
    expect(Math.min(...(await critics()).filter((moment) => moment > 0))).toBeLessThan(1e-30);
    await learner.update(...randomUpdate(options, createRandomStream(1, 'updates')));
    expect((await critics()).filter((moment) => moment > 0 && moment < 1e-30)).toEqual([]);
    await learner.dispose();
  });

  it('refuses what does not fit, and everything after dispose', async () => {
    const learner = await create();
    const [batch, noise] = randomUpdate(options, createRandomStream(1, 'updates'));
    const mismatch = expect.objectContaining({ code: 'SHAPE_MISMATCH' }) as Error;
    await expect(learner.update({ ...batch, size: 15 }, noise)).rejects.toThrow(mismatch);
    await expect(learner.update(batch, noise.subarray(1))).rejects.toThrow(mismatch);
    const other = createInitialState({ ...options, hiddenSizes: [9, 8] }, 0);
    await expect(learner.importState(other)).rejects.toThrow(mismatch);
    await expect(create(options, other)).rejects.toThrow(mismatch);
    const state = await learner.exportState();
    const [first, second] = state.criticAdams;
    await expect(
      learner.importState({ ...state, criticAdams: [{ ...first, step: 1 }, second] }),
    ).rejects.toThrow(expect.objectContaining({ code: 'INVALID_STATE' }) as Error);
    await learner.dispose();
    await learner.dispose();
    const disposed = expect.objectContaining({ code: 'DISPOSED' }) as Error;
    await expect(learner.update(batch, noise)).rejects.toThrow(disposed);
    await expect(learner.readMetrics()).rejects.toThrow(disposed);
    await expect(learner.actorWeights()).rejects.toThrow(disposed);
    await expect(learner.exportState()).rejects.toThrow(disposed);
    await expect(learner.importState(state)).rejects.toThrow(disposed);
  });
});
