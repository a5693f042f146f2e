/** What every VectorEnv owes its user, wherever its environments run. Call it inside a `describe`. */
import type { VectorEnv } from '@gymwire/agent-sdk/parts';
import type { AutoresetMode, ErrorCode, Value } from '@gymwire/protocol';
import { expect, it, onTestFinished } from 'vitest';
import { actionsAt, boxOf, playEpisodes, playSteps, rowsOf } from './play-vector-env.ts';

export interface VectorEnvRequest {
  readonly numEnvs: number;
  readonly autoresetMode: AutoresetMode;
  /** Absent: the environment's own. */
  readonly maxEpisodeSteps?: number;
}

export type MakeVectorEnv = (request: VectorEnvRequest) => Promise<VectorEnv>;

/** What the suite must know of an environment beforehand. It must not terminate within 12 steps. */
export interface ExpectedEnv {
  readonly envId: string;
  readonly observationShape: readonly number[];
  readonly actionShape: readonly number[];
  readonly maxEpisodeSteps: number | undefined;
}

export function checkVectorEnv(makeVectorEnv: MakeVectorEnv, expected: ExpectedEnv): void {
  const make = async (request: Partial<VectorEnvRequest> = {}) => {
    const env = await makeVectorEnv({ numEnvs: 3, autoresetMode: 'disabled', ...request });
    onTestFinished(() => env.close());
    return env;
  };
  checkSpaces(make, expected);
  checkSeeding(make);
  checkSteps(make);
  checkAutoreset(make);
  checkRefusals(make);
}

type Make = (request?: Partial<VectorEnvRequest>) => Promise<VectorEnv>;

function checkSpaces(make: Make, expected: ExpectedEnv): void {
  it('describes itself and its spaces', async () => {
    const env = await make({ autoresetMode: 'next-step' });
    const { envId, numEnvs, autoresetMode, maxEpisodeSteps } = env;
    expect({ envId, numEnvs, autoresetMode, maxEpisodeSteps }).toEqual({
      envId: expected.envId,
      numEnvs: 3,
      autoresetMode: 'next-step',
      maxEpisodeSteps: expected.maxEpisodeSteps,
    });
    for (const [space, shape] of [
      [env.observationSpace, expected.observationShape],
      [env.actionSpace, expected.actionShape],
    ] as const) {
      const { low, high } = boxOf(space);
      expect([low.dtype, low.shape, high.dtype, high.shape]).toEqual(['float32', shape, 'float32', shape]);
      for (const [i, bound] of [...low.data].entries())
        expect(Number(bound)).toBeLessThan(Number(high.data[i]));
    }
  });

  it('returns batches that are members of its spaces', async () => {
    const env = await make();
    const { low, high } = boxOf(env.observationSpace);
    const checkBatch = (observation: Value) => {
      expect(observation).toMatchObject({ dtype: 'float32', shape: [3, ...expected.observationShape] });
      for (const row of rowsOf(observation, 3)) {
        for (const [k, number] of row.entries()) {
          expect(number).toBeGreaterThanOrEqual(Number(low.data[k]));
          expect(number).toBeLessThanOrEqual(Number(high.data[k]));
        }
      }
    };
    checkBatch((await env.reset({ seed: 1 })).observation);
    for (let t = 0; t < 5; t++) {
      const step = await env.step(actionsAt(env, t));
      checkBatch(step.observation);
      expect(step.rewards).toBeInstanceOf(Float64Array);
      expect([step.rewards.length, step.terminated, step.truncated]).toEqual([
        3,
        [false, false, false],
        [false, false, false],
      ]);
      expect(step.final).toBeUndefined();
    }
  });
}

function checkSeeding(make: Make): void {
  it('seeds environment i with seed + i, and each as if it were alone', async () => {
    const [together, alone] = [await make(), await make({ numEnvs: 1 })];
    const first = rowsOf((await together.reset({ seed: 40 })).observation, 3);
    expect(new Set(first.map(String)).size).toBe(3);
    expect(rowsOf((await together.reset({ seeds: [40, 41n, 42] })).observation, 3)).toEqual(first);
    for (const [i, row] of first.entries()) {
      expect(rowsOf((await alone.reset({ seed: 40 + i })).observation, 1)).toEqual([row]);
    }
    expect(rowsOf((await together.reset({ seed: 41 })).observation, 3).slice(0, 2)).toEqual(first.slice(1));
  });

  it('goes on with its random stream when there is no seed', async () => {
    const [one, other] = [await make(), await make()];
    const starts: number[][][] = [];
    for (const env of [one, other]) {
      await env.reset({ seed: 7 });
      const { observation } = await env.reset();
      starts.push(rowsOf(observation, 3));
      // `null` in a list of seeds says the same.
      const mixed = rowsOf((await env.reset({ seeds: [7, null, null] })).observation, 3);
      starts.push(mixed);
    }
    expect(starts.slice(0, 2)).toEqual(starts.slice(2));
    expect(starts[0]).not.toEqual(rowsOf((await one.reset({ seed: 7 })).observation, 3));
    expect(starts[1][0]).toEqual(rowsOf((await one.reset({ seed: 7 })).observation, 3)[0]);
  });
}

function checkSteps(make: Make): void {
  it('gives the same bits for the same seed and actions, alone or in a batch', async () => {
    const request = { autoresetMode: 'same-step', maxEpisodeSteps: 5 } as const;
    const [one, other, alone] = [
      await make(request),
      await make(request),
      await make({ ...request, numEnvs: 1 }),
    ];
    const first = await playSteps(one, 12);
    expect(await playSteps(other, 12)).toEqual(first);
    // Environment 0 of the batch has seed and actions of the single one.
    const row0 = first.map(({ observations, rewards }) => [observations[0], rewards[0]]);
    const single = await playSteps(alone, 12);
    expect(single.map(({ observations, rewards }) => [observations[0], rewards[0]])).toEqual(row0);
  });

  it('keeps no hand on the arrays that it gets and gives', async () => {
    const [env, twin] = [await make(), await make()];
    const { observation } = await env.reset({ seed: 3 });
    await twin.reset({ seed: 3 });
    const kept = structuredClone(observation);
    const actions = actionsAt(env, 0);
    const before = actions.slice();
    const step = await env.step(actions);
    const keptStep = structuredClone({ observation: step.observation, rewards: step.rewards });
    expect(actions).toEqual(before);
    actions.fill(0);
    await env.step(actions);
    expect(observation).toEqual(kept);
    expect({ observation: step.observation, rewards: step.rewards }).toEqual(keptStep);
    expect((await twin.step(before)).observation).toEqual(step.observation);
  });
}

function checkAutoreset(make: Make): void {
  const limit = 4;

  it('disabled: an ended environment waits for its reset by mask, and the others go on', async () => {
    const env = await make({ maxEpisodeSteps: limit });
    await env.reset({ seed: 1 });
    await env.step(actionsAt(env, 0));
    const { observation } = await env.step(actionsAt(env, 1));
    const masked = await env.reset({ mask: [false, true, false] });
    const [was, is] = [rowsOf(observation, 3), rowsOf(masked.observation, 3)];
    expect([is[0], is[2]]).toEqual([was[0], was[2]]);
    expect(is[1]).not.toEqual(was[1]);
    await env.step(actionsAt(env, 2));
    const end = await env.step(actionsAt(env, 3));
    expect(end).toMatchObject({ truncated: [true, false, true], terminated: [false, false, false] });
    await expectRefused(env.step(actionsAt(env, 4)), 'NOT_RESET');
    await env.reset({ mask: [true, false, true] });
    await env.step(actionsAt(env, 4));
    expect(await env.step(actionsAt(env, 5))).toMatchObject({ truncated: [false, true, false] });
  });

  it('next-step: the step after the end ignores its action, resets and rewards nothing', async () => {
    const env = await make({ maxEpisodeSteps: limit, autoresetMode: 'next-step' });
    await env.reset({ seed: 1 });
    for (let t = 1; t < limit; t++) {
      expect(await env.step(actionsAt(env, t))).toMatchObject({ truncated: [false, false, false] });
    }
    const end = await env.step(actionsAt(env, limit));
    expect([end.truncated, end.final]).toEqual([[true, true, true], undefined]);
    const next = await env.step(actionsAt(env, 0).fill(Number.NaN));
    expect([...next.rewards, ...next.terminated, ...next.truncated]).toEqual([
      0,
      0,
      0,
      ...Array(6).fill(false),
    ]);
    expect(next.observation).not.toEqual(end.observation);
  });

  it('same-step: the end brings the next episode’s first observation, and the last one apart', async () => {
    const env = await make({ maxEpisodeSteps: limit, autoresetMode: 'same-step' });
    await env.reset({ seed: 1 });
    await env.step(actionsAt(env, 0));
    await env.reset({ mask: [false, true, false] });
    for (let t = 1; t < limit - 1; t++) await env.step(actionsAt(env, t));
    const end = await env.step(actionsAt(env, limit));
    expect(end.truncated).toEqual([true, false, true]);
    expect(end.final?.envIndices).toEqual([0, 2]);
    expect(rowsOf(end.final?.observation ?? null, 2)).not.toContainEqual(rowsOf(end.observation, 3)[0]);
    expect(await env.step(actionsAt(env, 5))).toMatchObject({ truncated: [false, true, false] });
  });

  it('plays the same episodes in every mode', async () => {
    const episodes: unknown[] = [];
    for (const autoresetMode of ['disabled', 'next-step', 'same-step'] as const) {
      episodes.push(await playEpisodes(await make({ numEnvs: 2, autoresetMode, maxEpisodeSteps: limit }), 3));
    }
    expect(episodes[1]).toEqual(episodes[0]);
    expect(episodes[2]).toEqual(episodes[0]);
  });
}

function checkRefusals(make: Make): void {
  it('refuses a step before the first reset', async () => {
    const env = await make();
    await expectRefused(env.step(actionsAt(env, 0)), 'NOT_RESET');
    await expectRefused(env.reset({ mask: [true, false, true] }), 'NOT_RESET');
  });

  it.each<[string, (good: Float32Array) => Float32Array, ErrorCode]>([
    ['too few', (good) => good.subarray(1), 'BAD_ACTION'],
    ['too many', (good) => Float32Array.of(...good, 0), 'BAD_ACTION'],
    ['NaN', (good) => good.fill(Number.NaN, good.length - 1), 'NON_FINITE_ACTION'],
    ['infinite', (good) => good.fill(-Infinity, 0, 1), 'NON_FINITE_ACTION'],
  ])('refuses actions that are %s, and nothing moves', async (_, spoil, code) => {
    const [env, twin] = [await make(), await make()];
    await env.reset({ seed: 2 });
    await twin.reset({ seed: 2 });
    await expectRefused(env.step(spoil(actionsAt(env, 0))), code);
    expect(await env.step(actionsAt(env, 0))).toEqual(await twin.step(actionsAt(twin, 0)));
  });

  it('refuses seeds and masks of other lengths, and a mask that names none', async () => {
    const env = await make();
    await env.reset();
    await expectRefused(env.reset({ seeds: [1, 2] }), 'INVALID_ARGUMENT');
    await expectRefused(env.reset({ mask: [true] }), 'INVALID_ARGUMENT');
    await expectRefused(env.reset({ mask: [false, false, false] }), 'INVALID_ARGUMENT');
  });

  it('is gone once it is closed, and may be closed again', async () => {
    const env = await make();
    await env.reset();
    await env.close();
    await env.close();
    await expectRefused(env.step(actionsAt(env, 0)), 'SESSION_GONE');
    await expectRefused(env.reset(), 'SESSION_GONE');
  });
}

async function expectRefused(call: Promise<unknown>, code: ErrorCode): Promise<void> {
  await expect(call).rejects.toMatchObject({ name: 'GymwireError', code });
}
