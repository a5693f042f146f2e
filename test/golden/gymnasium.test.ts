/** Same seed, same episode as Gymnasium: every bit of observations and rewards. Data: gymnasium/make_trajectories.py. */
import { readFileSync } from 'node:fs';
import { createMountainCarContinuous, createPendulum } from '@gymwire/simulators';
import { createRandomGenerator, type Env } from '@gymwire/env-server';
import { float32, type Info, isTensor, type Value } from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';

interface Episode {
  /** Absent: the random stream of the episode before goes on. */
  readonly seed?: string;
  readonly options?: Record<string, number>;
  readonly resetObservation: number[];
  readonly actions: number[];
  readonly observations: number[][];
  readonly rewards: number[];
  readonly terminated: boolean[];
  readonly truncated: boolean[];
  readonly info: Record<string, never>;
}

interface Golden {
  readonly envId: string;
  readonly sessions: ReadonlyArray<{ readonly kwargs: Record<string, number>; readonly episodes: Episode[] }>;
}

function load(name: string): Golden {
  const text = readFileSync(new URL(`./gymnasium/${name}`, import.meta.url), 'utf8');
  return JSON.parse(text) as Golden;
}

function expectObservation(actual: Value, expected: readonly number[]): void {
  if (!isTensor(actual)) throw new Error('the observation is no array');
  expect(actual.dtype).toBe('float32');
  expect(actual.shape).toEqual([expected.length]);
  expect(actual.data).toEqual(Float32Array.from(expected));
}

async function replay(env: Env, episodes: readonly Episode[]): Promise<number> {
  let random = createRandomGenerator(0);
  let steps = 0;
  for (const episode of episodes) {
    if (episode.seed !== undefined) random = createRandomGenerator(BigInt(episode.seed));
    const options: Info | undefined = episode.options;
    const reset = await env.reset({ random, ...(options === undefined ? {} : { options }) });
    expectObservation(reset.observation, episode.resetObservation);
    expect(reset.info).toEqual({});
    for (const [i, action] of episode.actions.entries()) {
      const step = await env.step(float32([action]));
      expectObservation(step.observation, episode.observations[i]);
      expect(step.reward).toBe(episode.rewards[i]);
      expect(step.terminated).toBe(episode.terminated[i]);
      expect(step.truncated).toBe(episode.truncated[i]);
      expect(step.info).toEqual(episode.info);
      steps += 1;
    }
  }
  return steps;
}

describe.each([
  { file: 'pendulum.json', make: (kwargs: Record<string, number>) => createPendulum({ g: kwargs['g'] ?? 10 }) },
  {
    file: 'mountain_car_continuous.json',
    make: (kwargs: Record<string, number>) =>
      createMountainCarContinuous({ goalVelocity: kwargs['goal_velocity'] ?? 0 }),
  },
])('$file', ({ file, make }) => {
  const golden = load(file);

  it.each(golden.sessions.map((session, index) => ({ index, session })))(
    'session $index equals Gymnasium bit for bit',
    async ({ session }) => {
      const recorded = session.episodes.reduce((sum, episode) => sum + episode.actions.length, 0);
      expect(await replay(make(session.kwargs), session.episodes)).toBe(recorded);
    },
  );

  it('holds five seeds of at least 200 steps, and actions out of bounds', () => {
    const seeded = golden.sessions.filter(({ episodes }) => (episodes[0]?.actions.length ?? 0) >= 200);
    expect(new Set(seeded.map(({ episodes }) => episodes[0]?.seed)).size).toBeGreaterThanOrEqual(5);
    const actions = golden.sessions.flatMap(({ episodes }) => episodes.flatMap((episode) => episode.actions));
    const bound = file === 'pendulum.json' ? 2 : 1;
    expect(actions.filter((action) => Math.abs(action) > bound).length).toBeGreaterThan(100);
  });
});

it('the mountain car reaches its goal, and with a demanded velocity not always', () => {
  const { sessions } = load('mountain_car_continuous.json');
  const ends = sessions.flatMap(({ kwargs, episodes }) =>
    episodes.map((episode) => ({ kwargs, terminated: episode.terminated.at(-1), last: episode.rewards.at(-1) })),
  );
  expect(ends.filter(({ terminated, last }) => terminated === true && (last ?? 0) > 99).length).toBeGreaterThan(3);
  expect(ends.some(({ kwargs, terminated }) => 'goal_velocity' in kwargs && terminated === false)).toBe(true);
});
