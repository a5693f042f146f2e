import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readCheckpoint } from '../checkpoint/checkpoint.ts';
import type { TrainOptions } from '../generated/train-options.ts';
import { normalizeObservations } from '../policy/normalize-observations.ts';
import { ObservationStatistics } from '../policy/observation-statistics.ts';
import type { ObservationNormalizer } from '../policy/policy-snapshot.ts';
import { createSnapshotPolicy } from '../policy/snapshot-policy.ts';
import { runFilePath } from '../run-folder/run-file-names.ts';
import type { NetworkState } from '../td3/network-state.ts';
import { FakeLearner } from '../testing/fake-learner.ts';
import { type FakeEnv, FakeVectorEnv } from '../testing/fake-vector-env.ts';
import { type TestRequest, TestRun } from '../testing/run-helpers.ts';
import type { OnProgress } from '../train/report/progress.ts';
import { train } from './train.ts';

/** No two observations are alike: [100 + n, −n / 100] for the n-th of all. Episodes of 5 steps. */
class TellingEnv implements FakeEnv {
  readonly #seen: number[][];
  #step = 0;

  constructor(seen: number[][]) {
    this.#seen = seen;
  }

  reset() {
    this.#step = 0;
    return this.#observe();
  }

  step() {
    const truncated = ++this.#step === 5;
    return { observation: this.#observe(), reward: this.#step, terminated: false, truncated };
  }

  #observe(): number[] {
    const n = this.#seen.length;
    const observation = [Math.fround(100 + n), Math.fround(-n / 100)];
    this.#seen.push(observation);
    return observation;
  }
}

/** Its policy answers with what it is given: tanh(first number / 20). */
class EchoLearner extends FakeLearner {
  readonly batches: Float32Array[] = [];
  readonly nextBatches: Float32Array[] = [];

  override update(...[batch, noise]: Parameters<FakeLearner['update']>): Promise<void> {
    this.batches.push(batch.observation.slice());
    this.nextBatches.push(batch.nextObservation.slice());
    return super.update(batch, noise);
  }

  override async actorWeights(): Promise<NetworkState> {
    // max(x, 0) − max(−x, 0) is x.
    return [
      { inputs: 2, outputs: 2, weight: Float32Array.of(1, 0, -1, 0), bias: new Float32Array(2) },
      { inputs: 2, outputs: 1, weight: Float32Array.of(0.05, -0.05), bias: new Float32Array(1) },
    ];
  }

  override async exportState() {
    return { ...(await super.exportState()), actor: await this.actorWeights() };
  }
}

/** A run on a TellingEnv, with all that its parts were given. */
async function run(options: Partial<TrainOptions> = {}, more: Partial<TestRequest> = {}) {
  const seen: Record<'training' | 'evaluation', number[][]> = { training: [], evaluation: [] };
  const actions: Record<'training' | 'evaluation', number[]> = { training: [], evaluation: [] };
  const learners: EchoLearner[] = [];
  const test = new TestRun(
    { normalizeObservations: true, totalEnvSteps: 40, explorationNoise: 0, hiddenSizes: [2], ...options },
    {
      makeEnv: async ({ purpose, envId, numEnvs, autoresetMode }) => {
        const make = () => new TellingEnv(seen[purpose]);
        const env = new FakeVectorEnv({ make, observationSize: 2, numEnvs, autoresetMode, envId });
        const step = env.step.bind(env);
        env.step = (given) => {
          actions[purpose].push(...given);
          return step(given);
        };
        return env;
      },
      createLearner: async (...args) => {
        const learner = new EchoLearner(...args);
        learners.push(learner);
        return learner;
      },
      ...more,
    },
  );
  const result = await train(test.request);
  return { result, seen, actions, learner: learners[0], test };
}

function statisticsOf(observations: readonly (readonly number[])[]): ObservationStatistics {
  const statistics = new ObservationStatistics(2);
  for (const observation of observations) statistics.add(Float32Array.from(observation));
  return statistics;
}

/** Which observation of `seen` a row is, once normalised. @throws where it is none, such as one normalised twice */
function findNormalized(
  row: Float32Array,
  seen: readonly number[][],
  normalizer: ObservationNormalizer,
): number {
  const found = seen.findIndex((raw) => {
    const once = new Float32Array(2);
    normalizeObservations(Float32Array.from(raw), normalizer, once);
    return once[0] === row[0] && once[1] === row[1];
  });
  if (found === -1) throw new Error(`[${row.join(', ')}] is no observation that was normalised once`);
  return found;
}

/** Observations known after so many transitions of episodes of 5 steps: each, and the last of each episode. */
const knownAfter = (transitions: number) => transitions + Math.floor(transitions / 5);

describe('normalizeObservations', () => {
  it('gives the learner observations that were normalised exactly once, next observations too', async () => {
    const { learner, seen } = await run({ mode: 'alternating' });
    expect(learner.batches).toHaveLength(30);
    const checkAll = (batches: readonly Float32Array[]) => {
      for (const [i, batch] of batches.entries()) {
        const normalizer = statisticsOf(seen.training.slice(0, knownAfter(11 + i))).normalizer();
        for (let row = 0; row < 4; row++) {
          const place = findNormalized(batch.subarray(2 * row, 2 * row + 2), seen.training, normalizer);
          const next = learner.nextBatches[i]?.subarray(2 * row, 2 * row + 2) ?? new Float32Array();
          expect(findNormalized(next, seen.training, normalizer)).toBe(place + 1);
        }
      }
    };
    checkAll(learner.batches);
    // A second application, planted into one batch, is found out.
    const normalizer = statisticsOf(seen.training.slice(0, knownAfter(20))).normalizer();
    const planted = learner.batches.map((batch) => batch.slice());
    normalizeObservations(planted[9], normalizer, planted[9]);
    expect(() => checkAll(planted)).toThrow('no observation that was normalised once');
  });

  it('has the actor play observations that were normalised exactly once', async () => {
    const { actions, seen } = await run({ mode: 'alternating', learningStarts: 10 });
    const played = seen.training.filter((_, n) => n % 6 !== 5); // the last of an episode is not played on
    for (let step = 12; step < 40; step++) {
      const normalizer = statisticsOf(seen.training.slice(0, knownAfter(step))).normalizer();
      const once = new Float32Array(2);
      normalizeObservations(Float32Array.from(played[step] ?? []), normalizer, once);
      expect(actions.training[step]).toBeCloseTo(Math.tanh(once[0] / 20), 6);
    }
  });

  it('keeps observations as they came in the replay, and counts each of them once', async () => {
    const runFolder = await temporaryFolder();
    const { seen } = await run({}, { runFolder });
    const { replay, observationStatistics } = await readCheckpoint(runFilePath(runFolder, 'checkpoint'));
    const played = seen.training.filter((_, n) => n % 6 !== 5).slice(0, 40);
    expect([...replay.observation]).toEqual(played.flat());
    // 40 steps and 8 ends; the reset after the last of them has led to nothing yet.
    expect(observationStatistics).toEqual(statisticsOf(seen.training.slice(0, 48)).exportState());
  });

  it('knows the same in every autoreset mode', async () => {
    const states = [];
    for (const autoresetMode of ['same-step', 'next-step', 'disabled'] as const) {
      const runFolder = await temporaryFolder();
      const { result } = await run({ autoresetMode }, { runFolder });
      const { observationStatistics } = await readCheckpoint(runFilePath(runFolder, 'checkpoint'));
      states.push({ observationStatistics, learner: result.learner });
    }
    expect(states[1]).toEqual(states[0]);
    expect(states[2]).toEqual(states[0]);
  });

  it('learns nothing from evaluations, which play normalised observations too', async () => {
    const often = await run({ evaluationInterval: 3 });
    const seldom = await run({ evaluationInterval: 40 });
    expect(often.seen.evaluation.length).toBeGreaterThan((10 * seldom.seen.training.length) / 5);
    expect(often.result.policy).toEqual({
      ...seldom.result.policy,
      configHash: often.result.policy.configHash,
    });
    const { policy } = often.result;
    const last = often.seen.evaluation.slice(-18).filter((_, n) => n % 6 !== 5);
    expect(last).not.toHaveLength(0);
    const play = createSnapshotPolicy(policy);
    // The three environments of the last evaluation, in turns.
    const expected = often.seen.evaluation
      .slice(-18, -15)
      .map((raw) => play.act(Float32Array.from(raw), 1)[0]);
    expect(often.actions.evaluation.slice(-15, -12)).toEqual(expected);
  });

  it('freezes what is known in each snapshot', async () => {
    const { result } = await run({ evaluationInterval: 20, stopAtReturn: null });
    const known = statisticsOf(
      Array.from({ length: knownAfter(40) }, (_, n) => [Math.fround(100 + n), Math.fround(-n / 100)]),
    );
    expect(result.policy.observationNormalizer).toEqual(known.normalizer());
    const atBest = result.best?.envSteps ?? 0;
    expect(atBest).toBe(20);
    const then = statisticsOf(
      Array.from({ length: knownAfter(20) }, (_, n) => [Math.fround(100 + n), Math.fround(-n / 100)]),
    );
    expect(result.best?.observationNormalizer).toEqual(then.normalizer());
  });

  it('goes on from byte-equal statistics, and in the same way each time', async () => {
    const runFolder = await temporaryFolder();
    const stopped = await run({}, { runFolder, signal: AbortSignal.abort() });
    expect(stopped.result.status).toBe('interrupted');
    const controller = new AbortController();
    const half = await temporaryFolder();
    const onProgress: OnProgress = (event) => {
      if (event.type === 'step' && event.envSteps === 23) controller.abort();
    };
    await run({}, { runFolder: half, signal: controller.signal, onProgress });
    const before = await readCheckpoint(runFilePath(half, 'checkpoint'));
    expect(before.observationStatistics?.count).toBe(knownAfter(23));
    const ends = [];
    for (const name of ['a', 'b']) {
      await cp(half, `${half}-${name}`, { recursive: true });
      const resume = { runFolder: `${half}-${name}`, resume: true };
      await run({}, { ...resume, signal: AbortSignal.abort() });
      const idle = await readCheckpoint(runFilePath(resume.runFolder, 'checkpoint'));
      expect(idle.observationStatistics).toEqual(before.observationStatistics);
      await run({}, resume);
      ends.push(await readCheckpoint(runFilePath(resume.runFolder, 'checkpoint')));
      await rm(resume.runFolder, { recursive: true });
    }
    expect(ends[1]).toEqual(ends[0]);
    // Both runs' episodes: 4 full ones and 3 steps, then 3 full ones and 2 steps.
    expect(ends[0]?.observationStatistics?.count).toBe(23 + 4 + 17 + 3);
  });

  it('is off unless it is asked for', async () => {
    const { learner, result, seen } = await run({ normalizeObservations: false });
    expect(seen.training).toContainEqual([...(learner.batches[0] ?? []).subarray(0, 2)]);
    expect(result.policy).not.toHaveProperty('observationNormalizer');
  });
});

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gymwire-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}
