/** Trajectories of Gymnasium's MuJoCo tasks as mujoco/make_trajectories.py writes them, and their replay here. */
import { readFileSync } from 'node:fs';
import { createEnvRegistry, mujocoEnvs, type Session, SessionStore } from '@gymwire/env-server';
import { type Info, isTensor, Scalar, type Tensor, Tuple, type Value, type ValueDict } from '@gymwire/protocol';
import { pino } from 'pino';

/** Python's type of an info, and its values in all steps (or in the one reset) of an episode. */
interface Column {
  readonly type: string;
  readonly values: string;
}

interface Episode {
  /** Absent: the random stream of the episode before goes on. */
  readonly seed?: string;
  readonly steps: number;
  readonly actions: string;
  /** One row more than steps: the reset's is the first. */
  readonly observations: string;
  readonly rewards: string;
  readonly terminated: string;
  readonly truncated: string;
  readonly resetInfo: Readonly<Record<string, Column>>;
  readonly infos: Readonly<Record<string, Column>>;
}

type Keyword = boolean | number | string | ReadonlyArray<number | string>;

export interface Recording {
  readonly kwargs: Readonly<Record<string, Keyword>>;
  readonly episodes: readonly Episode[];
}

export interface MujocoGolden {
  readonly envId: string;
  readonly maxEpisodeSteps: number;
  readonly rewardThreshold: number | null;
  readonly renderFps: number;
  readonly observationShape: readonly number[];
  readonly observationDtype: string;
  readonly observationBounds: readonly [string, string];
  readonly actionLow: readonly number[];
  readonly actionHigh: readonly number[];
  readonly arguments: Readonly<Record<string, Keyword>>;
  readonly sessions: readonly Recording[];
}

export const mujocoTasks = [
  'inverted_pendulum',
  'inverted_double_pendulum',
  'reacher',
  'pusher',
  'swimmer',
  'hopper',
  'half_cheetah',
  'walker2d',
  'ant',
  'humanoid',
  'humanoid_standup',
] as const;

export function readGolden(path: string | URL): MujocoGolden {
  return JSON.parse(readFileSync(path, 'utf8')) as MujocoGolden;
}

/** The largest differences of observations, rewards and infos: absolute, or relative where values exceed 1. */
export interface Differences {
  /** Within the first 100 steps after a reset, the reset itself included. */
  early: number;
  late: number;
  earlySteps: number;
  lateSteps: number;
  /** Steps of episodes in which a flag came at another time; the rest of such an episode is not compared. */
  lostSteps: number;
  /** What is wrong beyond numbers: shapes, keys, types, flags within the first 100 steps. */
  readonly faults: string[];
}

const EARLY = 100;

/** Plays a recording's actions through a session of env-server, resets where the recording does. */
export async function replay(envId: string, recording: Recording): Promise<Differences> {
  const limits = { maxSessions: 1, maxNumEnvs: 1, maxTotalEnvs: 1, idleTimeoutMs: 600_000 };
  const store = new SessionStore(createEnvRegistry(mujocoEnvs), limits, pino({ level: 'silent' }));
  const session = await store.make({
    envId,
    arguments: keywords(recording.kwargs),
    numEnvs: 1,
    autoresetMode: 'disabled',
  });
  const found: Differences = { early: 0, late: 0, earlySteps: 0, lateSteps: 0, lostSteps: 0, faults: [] };
  try {
    for (const episode of recording.episodes) await replayEpisode(session, episode, found);
  } finally {
    await store.close(session.description.sessionId);
  }
  return found;
}

async function replayEpisode(session: Session, episode: Episode, found: Differences): Promise<void> {
  const observations = doubles(episode.observations);
  const rewards = doubles(episode.rewards);
  const actions = floats(episode.actions);
  const size = observations.length / (episode.steps + 1);
  const actionSize = actions.length / episode.steps;
  const reset = await session.reset(episode.seed === undefined ? {} : { seed: BigInt(episode.seed) });
  note(found, 0, observationDistance(found, reset.observation, observations.subarray(0, size)));
  note(found, 0, infoDistance(found, reset.infos.get(0) ?? {}, episode.resetInfo, 0));
  for (let i = 0; i < episode.steps; i++) {
    const action: Tensor = {
      dtype: 'float32',
      shape: [1, actionSize],
      data: actions.slice(i * actionSize, (i + 1) * actionSize),
    };
    const step = await session.step(action);
    const row = observations.subarray((i + 1) * size, (i + 2) * size);
    note(found, i + 1, observationDistance(found, step.observation, row));
    note(found, i + 1, distance(step.rewards[0] as number, rewards[i] as number));
    note(found, i + 1, infoDistance(found, step.infos.get(0) ?? {}, episode.infos, i));
    found[i < EARLY ? 'earlySteps' : 'lateSteps'] += 1;
    const flags = `${Number(step.terminated[0])}${Number(step.truncated[0])}`;
    const expected = `${episode.terminated[i]}${episode.truncated[i]}`;
    if (flags === expected) continue;
    if (i < EARLY) found.faults.push(`step ${i}: flags ${flags}, expected ${expected}`);
    found.lostSteps += episode.steps - i - 1;
    return;
  }
}

function note(found: Differences, step: number, value: number): void {
  const part = step <= EARLY ? 'early' : 'late';
  found[part] = Math.max(found[part], value);
}

/** Infinite where either is no number. */
export function distance(actual: number, expected: number): number {
  const error = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}

function observationDistance(found: Differences, batch: Value, expected: Float64Array): number {
  if (!isTensor(batch) || batch.dtype !== 'float64' || String(batch.shape) !== `1,${expected.length}`) {
    found.faults.push(`observation: expected float64 [1, ${expected.length}]`);
    return Number.POSITIVE_INFINITY;
  }
  return arrayDistance(batch.data as Float64Array, expected);
}

function arrayDistance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, distance(actual[i] as number, expected[i] as number));
  }
  return largest;
}

function infoDistance(
  found: Differences,
  info: Info,
  expected: Readonly<Record<string, Column>>,
  row: number,
): number {
  const keys = Object.keys(expected);
  const shape = keys.map((key) => `${key}: ${expected[key]?.type}`).join(', ');
  const actualShape = Object.entries(info)
    .map(([key, value]) => `${key}: ${pythonType(value)}`)
    .join(', ');
  if (actualShape !== shape) {
    found.faults.push(`info: expected ${shape}; got ${actualShape}`);
    return Number.POSITIVE_INFINITY;
  }
  const distances = keys.map((key) => {
    const actual = numbersOf(info[key] ?? null);
    const values = doubles(expected[key]?.values ?? '');
    return arrayDistance(actual, values.subarray(row * actual.length, (row + 1) * actual.length));
  });
  return Math.max(0, ...distances);
}

function pythonType(value: Value): string {
  if (isTensor(value)) return `array ${value.dtype} [${value.shape.join(', ')}]`;
  if (value instanceof Scalar) return value.dtype;
  return { bigint: 'int', number: 'float', boolean: 'bool' }[String(typeof value)] ?? typeof value;
}

function numbersOf(value: Value): number[] {
  if (isTensor(value)) return Array.from(value.data, Number);
  return [Number(value instanceof Scalar ? value.value : value)];
}

/** Keyword arguments as a Python client sends them: ints stay ints, tuples tuples. */
export function keywords(kwargs: Readonly<Record<string, Keyword>>): ValueDict {
  return Object.fromEntries(Object.entries(kwargs).map(([key, value]) => [key, keyword(value)]));
}

function keyword(value: Keyword): Value {
  if (typeof value === 'object') return new Tuple(value.map(keyword));
  if (value === 'inf') return Number.POSITIVE_INFINITY;
  if (value === '-inf') return Number.NEGATIVE_INFINITY;
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value;
}

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
const doubles = (text: string) => new Float64Array(bytesOf(text).buffer);
const floats = (text: string) => new Float32Array(bytesOf(text).buffer);
