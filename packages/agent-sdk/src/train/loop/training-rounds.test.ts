import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { TrainOptions } from '../../generated/train-options.ts';
import { trainingModes } from '../../options/option-table.ts';
import { readRunSummary } from '../../run-folder/run-files.ts';
import type { NetworkState } from '../../td3/network-state.ts';
import { FakeLearner } from '../../testing/fake-learner.ts';
import { TestRun } from '../../testing/run-helpers.ts';
import { train } from '../train.ts';

type Side = 'step' | 'update';

interface Hooks {
  /** Held up until it resolves; may reject. @param n counts steps or updates from 1 on */
  readonly during?: (side: Side, n: number) => Promise<void>;
  /** The actor's answer to everything, told by the number of updates. */
  readonly answer?: (gradientSteps: number) => number;
}

/** A run of which everything is told that begins and ends, and whose environment and learner can be held up. */
class WatchedRun extends TestRun {
  readonly log: string[] = [];
  readonly actions: number[] = [];
  underWay = 0;

  constructor(options: Partial<TrainOptions>, { during, answer }: Hooks, more = {}) {
    super({ explorationNoise: 0, policyDelay: 1, ...options }, more);
    const counts = { step: 0, update: 0 };
    const watch = async <T>(side: Side, run: () => Promise<T>): Promise<T> => {
      const n = ++counts[side];
      this.underWay++;
      this.log.push(`${side} ${n} begins`);
      try {
        await during?.(side, n);
        return await run();
      } finally {
        this.log.push(`${side} ${n} ends`);
        this.underWay--;
      }
    };
    const { makeEnv } = this.request;
    Object.assign(this.request, {
      makeEnv: async (wanted: Parameters<typeof makeEnv>[0]) => {
        const env = await makeEnv(wanted);
        const step = env.step.bind(env);
        if (wanted.purpose === 'evaluation') return env;
        env.step = (actions) => {
          this.actions.push(actions[0]);
          return watch('step', () => step(actions));
        };
        const close = env.close.bind(env);
        env.close = () => {
          this.log.push(`closed with ${this.underWay} under way`);
          return close();
        };
        return env;
      },
      createLearner: async (...args: ConstructorParameters<typeof FakeLearner>) => {
        const learner = new FakeLearner(...args);
        const { update, actorWeights } = learner;
        learner.update = (...batch) => watch('update', () => update.apply(learner, batch));
        learner.actorWeights = async () => {
          const weights = await actorWeights.call(learner);
          const { gradientSteps } = await learner.readMetrics();
          return answer === undefined ? weights : answeringAlways(weights, answer(gradientSteps));
        };
        return learner;
      },
    });
  }
}

function answeringAlways(weights: NetworkState, answer: number): NetworkState {
  const last = weights.at(-1);
  last?.weight.fill(0);
  last?.bias.fill(Math.atanh(answer));
  return weights;
}

/** Resolves when both sides of a round are under way: without overlap, never. */
function createRendezvous() {
  const waiting = new Map<Side, () => void>();
  return (side: Side): Promise<void> => {
    const other = waiting.get(side === 'step' ? 'update' : 'step');
    if (other === undefined) return new Promise((resolve) => waiting.set(side, resolve));
    waiting.clear();
    other();
    return Promise.resolve();
  };
}

const later = () => new Promise<void>((resolve) => setImmediate(resolve));
/** 10 steps of warm-up, one that owes the first update. */
const firstOverlap = 12;

describe('pipelined training', () => {
  it('has the environments and the learner under way at the same time', { timeout: 10_000 }, async () => {
    const meet = createRendezvous();
    const during = async (side: Side, n: number) => {
      if (side === 'step' ? n < firstOverlap : n === 50) return;
      await meet(side);
    };
    const run = new WatchedRun({ mode: 'pipelined' }, { during });
    expect(await train(run.request)).toMatchObject({ envSteps: 60, gradientSteps: 50 });
  });

  it.each(trainingModes)('%s: the actor that plays has the age that the mode says', async (mode) => {
    const run = new WatchedRun({ mode }, { answer: (gradientSteps) => gradientSteps / 100 });
    await train(run.request);
    const age = mode === 'pipelined' ? 1 : 0;
    for (const [i, action] of run.actions.entries()) {
      const updatesOwed = i - 10;
      // Until its first update the actor is the initial one.
      if (updatesOwed - age < 1) continue;
      expect(action).toBeCloseTo((updatesOwed - age) / 100, 6);
    }
    expect(run.actions).toHaveLength(60);
  });

  it('does not depend on which side is faster', async () => {
    const results = [];
    for (const slow of ['step', 'update', undefined] as const) {
      const during = async (side: Side) => {
        if (side === slow) for (let i = 0; i < 5; i++) await later();
      };
      const run = new WatchedRun({ mode: 'pipelined', numEnvs: 2, policyDelay: 2 }, { during });
      const result = await train(run.request);
      results.push({ result, events: run.eventsOf('evaluation'), actions: run.actions });
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  it('draws batches from transitions that are stored, none from those under way', async () => {
    const sizes: number[] = [];
    const run = new WatchedRun({ mode: 'pipelined', learningStarts: 0, totalEnvSteps: 30 }, {});
    const { createLearner } = run.request;
    const seen = new Set<number>();
    Object.assign(run.request, {
      createLearner: async (...args: Parameters<typeof createLearner>) => {
        const learner = await createLearner(...args);
        const { update } = learner;
        learner.update = (batch, noise) => {
          for (const reward of batch.reward) seen.add(reward);
          sizes.push(seen.size);
          return update(batch, noise);
        };
        return learner;
      },
    });
    await train(run.request);
    // The first update sees the first transition, and nothing else.
    expect(sizes[0]).toBe(1);
    for (const [i, size] of sizes.entries()) expect(size).toBeLessThanOrEqual(i + 1);
  });

  it.each(trainingModes)('%s: logs, evaluates and saves only when nothing is under way', async (mode) => {
    const run = new WatchedRun({ mode }, { during: later }, { runFolder: await temporaryFolder() });
    const underWay: number[] = [];
    await train({ ...run.request, onProgress: () => underWay.push(run.underWay) });
    expect(underWay.length).toBeGreaterThan(70);
    expect(new Set(underWay)).toEqual(new Set([0]));
  });
});

describe('a round of which a part fails', () => {
  const n = 34;
  const failAt = (failing: Side, error: Error) => async (side: Side, count: number) => {
    const isNow = side === 'step' ? count === n : count === n - 11;
    // Who does not fail is still under way when the other one does.
    if (isNow && side !== failing) for (let i = 0; i < 5; i++) await later();
    if (isNow && side === failing) throw error;
  };

  it('the environment: the updates under way are finished, counted and saved', async () => {
    const runFolder = await temporaryFolder();
    const run = new WatchedRun(
      { mode: 'pipelined' },
      { during: failAt('step', new Error('gone')) },
      { runFolder },
    );
    await expect(train(run.request)).rejects.toThrow('gone — saved after 33 environment steps');
    expect(run.log.slice(-4)).toEqual([
      'update 23 begins',
      'step 34 ends',
      'update 23 ends',
      'closed with 0 under way',
    ]);
    expect(await readRunSummary(runFolder)).toMatchObject({ envSteps: 33, gradientSteps: 23 });
    const resumed = new TestRun({}, { runFolder, resume: true });
    expect(await train(resumed.request)).toMatchObject({ envSteps: 60, gradientSteps: 50 });
  });

  it('the learner: the step under way is awaited, and the last sound checkpoint stays', async () => {
    const runFolder = await temporaryFolder();
    const run = new WatchedRun(
      { mode: 'pipelined' },
      { during: failAt('update', new Error('torn')) },
      { runFolder },
    );
    await expect(train(run.request)).rejects.toThrow('torn — to go on from its last checkpoint, resume');
    expect(run.log.slice(-3)).toEqual(['update 23 ends', 'step 34 ends', 'closed with 0 under way']);
    expect(await readRunSummary(runFolder)).toMatchObject({ envSteps: 25, gradientSteps: 14 });
  });

  it('both: both are told', async () => {
    const during = async (side: Side, count: number) => {
      if (side === 'step' ? count === n : count === n - 11) throw new Error(`${side} failed`);
    };
    const run = new WatchedRun({ mode: 'pipelined' }, { during }, { runFolder: await temporaryFolder() });
    await expect(train(run.request)).rejects.toMatchObject({
      code: 'TRAINING_FAILED',
      message: expect.stringMatching(/^update failed; at the same time: step failed — to go on/) as string,
      cause: { errors: [new Error('update failed'), new Error('step failed')] },
    });
    expect(run.log.at(-1)).toBe('closed with 0 under way');
  });

  it('the user: both are finished', async () => {
    const controller = new AbortController();
    const during = async (side: Side, count: number) => {
      if (side === 'update' && count === 23) controller.abort();
      await later();
    };
    const run = new WatchedRun({ mode: 'pipelined' }, { during }, { signal: controller.signal });
    expect(await train(run.request)).toMatchObject({
      status: 'interrupted',
      envSteps: 34,
      gradientSteps: 23,
    });
    expect(run.log.at(-1)).toBe('closed with 0 under way');
  });
});

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gymwire-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}
