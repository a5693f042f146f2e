import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBatch } from '../../replay/batch.ts';
import { tinyLearnerOptions } from '../../testing/learner-runs.ts';
import { createInitialState } from '../initial-state.ts';
import type { LearnerOptions } from '../learner.ts';
import { createCompiledLearner } from './compiled-learner.ts';
import type { CompiledDiagnostics } from './diagnostics.ts';

const options: LearnerOptions = {
  ...tinyLearnerOptions,
  observationSize: 2,
  actionSize: 1,
  hiddenSizes: [4],
  batchSize: 3,
};

/** A first moment that only decays: zero inputs give its weight no gradient. */
async function decayedMoment(diagnostics: CompiledDiagnostics): Promise<number | undefined> {
  const initial = createInitialState(options, 0);
  initial.criticAdams[0].firstMoment[0]?.weight.fill(1e-31);
  const learner = await createCompiledLearner(options, initial, { thread: 'caller', diagnostics });
  const batch = createBatch(3, 2, 1);
  await learner.update(batch, new Float32Array(3));
  const state = await learner.exportState();
  await learner.dispose();
  return state.criticAdams[0].firstMoment[0]?.weight[0];
}

describe('diagnostics of the compiled learner', () => {
  it('keepDenormals leaves moments to decay that are set to zero otherwise', async () => {
    expect(await decayedMoment({})).toBe(0);
    expect(await decayedMoment({ keepDenormals: true })).toBeCloseTo(0, 30);
    expect(await decayedMoment({ keepDenormals: true })).toBeGreaterThan(0);
  });

  it('profilePrefix has both graphs profiled', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gymwire-profile-'));
    const initial = createInitialState(options, 0);
    const diagnostics = { profilePrefix: join(folder, 'run') };
    const learner = await createCompiledLearner(options, initial, { thread: 'caller', diagnostics });
    await learner.update(createBatch(3, 2, 1), new Float32Array(3));
    await learner.dispose();
    const files = (await readdir(folder)).map((name) => name.replace(/_.*/, ''));
    expect(files.sort()).toEqual(['run-critics', 'run-policy']);
    await rm(folder, { recursive: true });
  });
});
