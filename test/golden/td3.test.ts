import { createTfjsLearner, loadTfjsBackend, type TfjsBackendName } from '@gymwire/agent-sdk/parts';
import { describe, expect, it } from 'vitest';
import { expectGolden, type GoldenCase, readGoldenCase } from './td3-case.ts';

const cases = ['td3_small', 'td3_wide'];
const backends: readonly TfjsBackendName[] = ['tensorflow', 'wasm', 'cpu'];

async function check(golden: GoldenCase, backend: TfjsBackendName): Promise<void> {
  const learner = await createTfjsLearner(golden.options, golden.initial, backend);
  try {
    await expectGolden(golden, learner);
  } finally {
    await learner.dispose();
  }
}

/** Native TensorFlow is optional; the others must be there. */
async function whyNot(backend: TfjsBackendName): Promise<string | undefined> {
  if (backend !== 'tensorflow') return undefined;
  return loadTfjsBackend(backend).then(
    () => undefined,
    (error: Error) => error.message,
  );
}

describe.each(backends)('TD3 golden vectors on tfjs %s', (backend) => {
  it.for(cases)('%s', async (name, context) => {
    const reason = await whyNot(backend);
    if (reason !== undefined) {
      process.stderr.write(`skipped: ${reason}\n`);
      context.skip(reason);
    }
    await check(readGoldenCase(name), backend);
  });
});

describe.each(cases)('TD3 golden vectors: %s', (name) => {
  it('has terminated transitions, and a learner that bootstraps through them fails', async () => {
    const golden = readGoldenCase(name);
    const terminated = golden.updates.flatMap(({ batch }) => [...batch.terminated]);
    expect(new Set(terminated)).toEqual(new Set([0, 1]));
    const updates = golden.updates.map((update) => {
      const { batch } = update;
      return { ...update, batch: { ...batch, terminated: new Float32Array(batch.size) } };
    });
    await expect(check({ ...golden, updates }, 'cpu')).rejects.toThrow(/critic loss/);
  });

  it('tells wrong target noise, clip, delay and tau apart', async () => {
    const golden = readGoldenCase(name);
    for (const change of [{ targetPolicyNoise: 0.21 }, { targetNoiseClip: 0.3 }, { policyDelay: 3 }, { tau: 0.006 }]) {
      await expect(check({ ...golden, options: { ...golden.options, ...change } }, 'cpu')).rejects.toThrow(/critic loss|after update/);
    }
  });
});
