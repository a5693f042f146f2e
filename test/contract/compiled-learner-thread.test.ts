import {
  type Batch,
  createCompiledLearner,
  createInitialState,
  createRandomStream,
  type Learner,
  type LearnerOptions,
} from '@gymwire/agent-sdk/parts';
import { describe, expect, it } from 'vitest';

const options: LearnerOptions = {
  observationSize: 5,
  actionSize: 2,
  hiddenSizes: [130, 130],
  batchSize: 32,
  gamma: 0.99,
  tau: 0.005,
  targetPolicyNoise: 0.2,
  targetNoiseClip: 0.5,
  policyDelay: 2,
  actorLearningRate: 1e-3,
  criticLearningRate: 1e-3,
};

const initial = createInitialState(options, 0);

function updates(count: number): [Batch, Float32Array][] {
  const stream = createRandomStream(1, 'updates');
  const { batchSize: size, observationSize, actionSize } = options;
  const normal = (length: number): Float32Array => {
    const values = new Float32Array(length);
    stream.fillStandardNormal(values);
    return values;
  };
  return Array.from({ length: count }, () => [
    {
      size,
      observation: normal(size * observationSize),
      action: normal(size * actionSize).map(Math.tanh),
      reward: normal(size),
      nextObservation: normal(size * observationSize),
      terminated: normal(size).map((x) => (x > 1 ? 1 : 0)),
    },
    normal(size * actionSize),
  ]);
}

/** All that can be read of a learner. */
async function readAll(learner: Learner) {
  return {
    state: await learner.exportState(),
    metrics: await learner.readMetrics(),
    actor: await learner.actorWeights(),
  };
}

describe('the compiled learner in a worker thread', () => {
  it.each([
    [1, 'a thread'],
    [2, '2 threads'],
  ] as const)(
    'gives the bits of the calling thread, also when calls overlap after importState and with other learning rates: %i',
    async (threads, where) => {
      const threaded = await createCompiledLearner(options, initial, { threads });
      const inProcess = await createCompiledLearner(options, initial, { thread: 'caller' });
      expect(threaded.description).toBe(`${inProcess.description}, in ${where}`);
      await Promise.all(updates(7).map(([batch, noise]) => threaded.update(batch, noise)));
      for (const [batch, noise] of updates(7)) await inProcess.update(batch, noise);
      expect(await readAll(threaded)).toEqual(await readAll(inProcess));

      const state = { ...(await inProcess.exportState()), actor: initial.actor };
      for (const learner of [threaded, inProcess]) {
        await learner.importState(state);
        await learner.setLearningRates({ actor: 3e-3, critic: 5e-4 });
        for (const [batch, noise] of updates(3)) await learner.update(batch, noise);
      }
      expect(await readAll(threaded)).toEqual(await readAll(inProcess));
      await threaded.dispose();
      await inProcess.dispose();
    },
  );

  it('leaves the calling thread free while it computes', async () => {
    const learner = await createCompiledLearner(options, initial);
    const [[batch, noise] = []] = updates(1);
    if (batch === undefined || noise === undefined) throw new Error('no update');
    let turns = 0;
    const count = setInterval(() => turns++, 0);
    const running = Promise.all(Array.from({ length: 200 }, () => learner.update(batch, noise)));
    await running;
    clearInterval(count);
    expect(turns).toBeGreaterThan(1);
    await learner.dispose();
  });

  it.each([1, 2] as const)('passes on the faults of %i threads with their codes', async (threads) => {
    const learner = await createCompiledLearner(options, initial, { threads });
    const [adam, other] = initial.criticAdams;
    const uneven = { ...initial, criticAdams: [{ ...adam, step: 1 }, other] as const };
    await expect(learner.importState(uneven)).rejects.toMatchObject({
      name: 'AgentError',
      code: 'INVALID_STATE',
      message: expect.stringContaining('got 1 and 0') as string,
    });
    await expect(
      createCompiledLearner({ ...options, actionSize: 3 }, initial, { threads }),
    ).rejects.toMatchObject({
      code: 'SHAPE_MISMATCH',
    });
    const [[batch, noise] = []] = updates(1);
    if (batch === undefined || noise === undefined) throw new Error('no update');
    await expect(learner.update({ ...batch, size: 31 }, noise)).rejects.toMatchObject({
      code: 'SHAPE_MISMATCH',
    });
    // A refused call changes nothing and stops nothing.
    await learner.update(batch, noise);
    expect((await learner.readMetrics()).gradientSteps).toBe(1);
    await learner.dispose();
    await learner.dispose();
    await expect(learner.update(batch, noise)).rejects.toMatchObject({ code: 'DISPOSED' });
  });
});
