/** Episode k of environment i has its seed from the run's seed, i and k, whatever became of the episodes before. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AutoresetMode,
  GymwireError,
  type Seed,
  type VectorResetOptions,
  type VectorStepOptions,
} from '@gymwire/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCheckpoint, writeCheckpoint } from '../checkpoint/checkpoint.ts';
import type { EpisodeSeeding } from '../rollout/vector-env.ts';
import { runFilePath } from '../run-folder/run-file-names.ts';
import { IdentityEnv } from '../testing/fake-envs.ts';
import { type FakeEnv, FakeVectorEnv } from '../testing/fake-vector-env.ts';
import { type TestRequest, TestRun } from '../testing/run-helpers.ts';
import { createEpisodeSeed } from './start/env-seeds.ts';
import { train } from './train.ts';
import type { MakeEnv } from './train-request.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gymwire-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Loses its episodes in these of its steps, counted from 1. */
class ForgetfulEnv extends FakeVectorEnv {
  lostSteps: readonly number[] = [];

  override async step(actions: Float32Array, options?: VectorStepOptions) {
    if (!this.lostSteps.includes(this.steps + 1)) return super.step(actions, options);
    this.steps++;
    throw new GymwireError('EPISODE_LOST', 'gone');
  }

  override async reset(options?: VectorResetOptions) {
    return super.reset(options);
  }
}

interface Play {
  readonly mode: AutoresetMode;
  readonly numEnvs: number;
  readonly seeding?: EpisodeSeeding;
  readonly lostSteps?: readonly number[];
}

const steps = 160;

/** Trains; stops after `stopAt` steps. @returns for each environment the seeds of its episodes that were stepped */
async function play(
  { mode, numEnvs, seeding, lostSteps = [] }: Play,
  stopAt?: number,
  more: Partial<TestRequest> = {},
) {
  const begun: (Seed | null)[][] = Array.from({ length: numEnvs }, () => []);
  const make = (i: number): FakeEnv => {
    const env = new IdentityEnv(5 + (i % 3));
    let seed: Seed | null = null;
    let isFirst = false;
    return {
      reset(given) {
        [seed, isFirst] = [given, true];
        return env.reset(given);
      },
      step(action) {
        if (isFirst) begun[i]?.push(seed);
        isFirst = false;
        return env.step(action);
      },
    };
  };
  const makeEnv: MakeEnv = async ({ purpose, numEnvs: count, envId, autoresetMode }) => {
    const isTraining = purpose === 'training';
    const env = new ForgetfulEnv({
      make: isTraining ? make : () => new IdentityEnv(7),
      observationSize: 1,
      numEnvs: count,
      envId,
      autoresetMode,
      ...(seeding !== undefined && { episodeSeeding: seeding }),
    });
    if (isTraining) env.lostSteps = lostSteps;
    return env;
  };
  const controller = new AbortController();
  const settings = { makeEnv, runFolder: folder, signal: controller.signal, ...more };
  const run = new TestRun({ numEnvs, totalEnvSteps: steps }, settings, mode);
  const onProgress: TestRequest['onProgress'] = (event) => {
    run.events.push(event);
    if (event.type === 'step' && stopAt !== undefined && event.envSteps >= stopAt) controller.abort();
  };
  await train({ ...run.request, onProgress });
  return { begun, run };
}

const seedOf = createEpisodeSeed(0);
const readConfig = async () =>
  JSON.parse(await readFile(runFilePath(folder, 'config'), 'utf8')) as { seeding?: unknown };

const ways: readonly (readonly [AutoresetMode, EpisodeSeeding | undefined])[] = [
  ['disabled', undefined],
  ['disabled', 'with-step'],
  ['next-step', 'with-step'],
  ['next-step', 'by-reset'],
  ['same-step', 'with-step'],
  ['same-step', 'by-reset'],
];

describe.each(ways)('%s, %s', (mode, seeding) => {
  const how = { mode, ...(seeding !== undefined && { seeding }) };

  it.each([1, 8])('seeds each episode of %i environments, and config.json says so', async (numEnvs) => {
    const { begun, run } = await play({ ...how, numEnvs });
    expect(begun).toEqual(begun.map((seeds, i) => seeds.map((_, k) => seedOf(i, k))));
    for (const seeds of begun) expect(seeds.length).toBeGreaterThan(1);
    expect((await readConfig()).seeding).toEqual({ version: 2, laterEpisodes: 'from-seeds' });
    expect(run.eventsOf('warning')).toEqual([]);
  });

  it.each([1, 8])('counts on after a stop, for %i environments', async (numEnvs) => {
    const first = await play({ ...how, numEnvs }, 72);
    const { seeding: saved } = await readCheckpoint(runFilePath(folder, 'checkpoint'));
    // One that has begun and told no step does not count: under same-step, the one that an end brought.
    expect(saved?.episodesBegun).toEqual(first.begun.map(({ length }) => length));
    const { begun } = await play({ ...how, numEnvs }, undefined, { resume: true });
    const from = saved?.episodesBegun ?? [];
    expect(begun).toEqual(begun.map((seeds, i) => seeds.map((_, k) => seedOf(i, k + (from[i] ?? 0)))));
    for (const seeds of begun) expect(seeds.length).toBeGreaterThan(0);
  });

  it('counts on after episodes that were lost', async () => {
    const { begun, run } = await play({ ...how, numEnvs: 2, lostSteps: [3, 4, 20] });
    expect(run.eventsOf('broken').length).toBeGreaterThan(1);
    // Two losses in a row: the episodes between them told nothing, and begin again.
    expect(begun).toEqual(begun.map((seeds, i) => seeds.map((_, k) => seedOf(i, k))));
  });
});

it('learns the same whichever way the seeds take', async () => {
  const weights = [];
  for (const [mode, seeding] of ways) {
    const runFolder = join(folder, `${mode} ${seeding}`);
    const how = { mode, numEnvs: 1, ...(seeding !== undefined && { seeding }) };
    await play(how, undefined, { runFolder });
    const { learner, replay } = await readCheckpoint(runFilePath(runFolder, 'checkpoint'));
    weights.push({ learner, replay });
  }
  for (const other of weights) expect(other).toEqual(weights[0]);
});

describe.each(['next-step', 'same-step'] as const)('a VectorEnv that takes no seeds later, %s', (mode) => {
  it('goes on with its own streams, and both the run and its folder say so', async () => {
    const { begun, run } = await play({ mode, numEnvs: 2 });
    expect(begun.map(([first]) => first)).toEqual([seedOf(0, 0), seedOf(1, 0)]);
    for (const [, ...later] of begun) expect(new Set(later)).toEqual(new Set([null]));
    expect(run.eventsOf('warning')).toMatchObject([{ code: 'EPISODES_UNSEEDED', envSteps: 0 }]);
    expect((await readConfig()).seeding).toEqual({ version: 2, laterEpisodes: 'from-streams' });
  });
});

it('a checkpoint whose counts are of another number of environments is refused', async () => {
  await play({ mode: 'disabled', numEnvs: 2 }, 72);
  const path = runFilePath(folder, 'checkpoint');
  const checkpoint = await readCheckpoint(path);
  await writeCheckpoint(path, { ...checkpoint, seeding: { version: 2, episodesBegun: [1] } });
  const again = play({ mode: 'disabled', numEnvs: 2 }, undefined, { resume: true });
  await expect(again).rejects.toMatchObject({ code: 'INVALID_STATE' });
});
