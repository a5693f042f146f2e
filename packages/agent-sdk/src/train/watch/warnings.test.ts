import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runFilePath } from '../../run-folder/run-file-names.ts';
import type { CreateLearner, LearnerMetrics } from '../../td3/learner.ts';
import type { NetworkState } from '../../td3/network-state.ts';
import { FakeLearner } from '../../testing/fake-learner.ts';
import { TestRun } from '../../testing/run-helpers.ts';
import { train } from '../train.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gymwire-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Enough actions in an evaluation to judge by. */
const options = { evaluationEpisodes: 15, evaluationInterval: 10 };

async function warningLines(): Promise<unknown[]> {
  const lines = (await readFile(runFilePath(folder, 'events'), 'utf8')).trimEnd().split('\n');
  return lines
    .map((line) => JSON.parse(line) as { type: string; time: string })
    .filter(({ type }) => type === 'warning');
}

/** A learner whose actor plays its upper bound between these numbers of updates. */
function saturating(from: number, to: number): CreateLearner {
  class Saturating extends FakeLearner {
    override async actorWeights(): Promise<NetworkState> {
      const weights = await super.actorWeights();
      const { gradientSteps } = await this.readMetrics();
      if (gradientSteps >= from && gradientSteps < to) weights.at(-1)?.bias.fill(1e4);
      return weights;
    }
  }
  return async (...args) => new Saturating(...args);
}

it('an actor that is saturated to the end is told once when it begins, at the end, and in events.jsonl', async () => {
  const createLearner = saturating(15, Infinity);
  const run = new TestRun({ ...options, mode: 'alternating' }, { runFolder: folder, createLearner });
  const { status, warnings } = await train(run.request);
  const [warning] = run.eventsOf('warning');
  expect(warning).toMatchObject({
    code: 'ACTOR_SATURATED',
    envSteps: 30,
    message: expect.stringContaining('action[0] at its upper bound, whatever it observes') as string,
  });
  expect(run.eventsOf('warning')).toHaveLength(1);
  expect(await warningLines()).toEqual([{ ...warning, time: expect.any(String) }]);
  const { type: _, ...told } = warning ?? { type: '' };
  expect(status).toBe('completed');
  expect(warnings).toEqual([told]);
});

it('an actor that recovers is no longer warned of at the end', async () => {
  const createLearner = saturating(5, 25);
  const run = new TestRun({ ...options, mode: 'alternating' }, { createLearner });
  expect((await train(run.request)).warnings).toEqual([]);
  expect(run.eventsOf('warning').map(({ code, envSteps }) => [code, envSteps])).toEqual([
    ['ACTOR_SATURATED', 20],
  ]);
});

it.each([
  ['mean Q', { meanQ: -1e4 }],
  ['mean target', { meanTarget: 1e4 }],
])('a %s that no rewards can come to is warned of', async (name, found: Partial<LearnerMetrics>) => {
  class Exploding extends FakeLearner {
    override async readMetrics(): Promise<LearnerMetrics> {
      return { ...(await super.readMetrics()), ...found };
    }
  }
  const createLearner: CreateLearner = async (...args) => new Exploding(...args);
  const run = new TestRun({ gamma: 0.9 }, { runFolder: folder, createLearner });
  const { warnings } = await train(run.request);
  expect(warnings).toMatchObject([
    { code: 'VALUES_EXPLODED', envSteps: 8, message: expect.stringContaining(`${name} is`) as string },
  ]);
  expect(await warningLines()).toHaveLength(1);
});

it('nothing is said of a sound run', async () => {
  const run = new TestRun(options, { runFolder: folder });
  expect((await train(run.request)).warnings).toEqual([]);
  expect(run.eventsOf('warning')).toEqual([]);
});
