/** Trajectories of Gymnasium's MuJoCo tasks as mujoco/make_trajectories.py writes them, and their replay here. */
import { readFileSync } from 'node:fs';
import { createEnvRegistry, type Session, SessionStore } from '@gymwire/env-server';
import { mujocoEnvs } from '@gymwire/simulators';
import { type Info, isTensor, Scalar, Tuple, type Value, type ValueDict } from '@gymwire/protocol';
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
  /** After each step, how far native MuJoCo is from itself when the episode starts 1e-15 away. */
  readonly drift?: string;
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

/** The largest difference of observations, rewards and infos: absolute, or relative where values exceed 1. */
interface Part {
  largest: number;
  steps: number;
  /** How far native MuJoCo is from itself in those steps. */
  drift: number;
}

export interface Differences {
  /** The first 100 steps after each reset. */
  readonly early: Part;
  readonly late: Part;
  /** All steps up to the one in an episode from which on chaos has grown 1e-15 to more than 1e-9. */
  readonly calm: Part;
  /** The rest of episodes that ended at another step, which is not compared. */
  lostSteps: number;
  /** What is wrong beyond numbers: shapes, keys, types; flags while it is calm. */
  readonly faults: string[];
}

const EARLY_STEPS = 100;
const CALM_DRIFT = 1e-9;

const none = (): Part => ({ largest: 0, steps: 0, drift: 0 });

/** Plays a recording's actions through a session of env-server, resets where the recording does. */
export async function replay(envId: string, { kwargs, episodes }: Recording): Promise<Differences> {
  const limits = { maxSessions: 1, maxNumEnvs: 1, maxTotalEnvs: 1, idleTimeoutMs: 600_000 };
  const store = new SessionStore(createEnvRegistry(mujocoEnvs), limits, pino({ level: 'silent' }));
  const options = { envId, arguments: keywords(kwargs), numEnvs: 1, autoresetMode: 'disabled' } as const;
  const session = await store.make(options);
  const found: Differences = { early: none(), late: none(), calm: none(), lostSteps: 0, faults: [] };
  try {
    for (const episode of episodes) await replayEpisode(session, episode, found);
  } finally {
    await store.close(session.description.sessionId);
  }
  return found;
}

async function replayEpisode(session: Session, episode: Episode, found: Differences): Promise<void> {
  const observations = doubles(episode.observations);
  const rewards = doubles(episode.rewards);
  const actions = floats(episode.actions);
  const drift = episode.drift === undefined ? new Float64Array(episode.steps) : doubles(episode.drift);
  const size = observations.length / (episode.steps + 1);
  const actionSize = actions.length / episode.steps;

  const reset = await session.reset(episode.seed === undefined ? {} : { seed: BigInt(episode.seed) });
  const resetDistances = [
    observationDistance(found, reset.observation, observations.subarray(0, size)),
    infoDistance(found, reset.infos.get(0) ?? {}, episode.resetInfo, 0),
  ];
  for (const part of [found.early, found.calm]) part.largest = Math.max(part.largest, ...resetDistances);

  let calm = true;
  for (let i = 0; i < episode.steps; i++) {
    const data = actions.slice(i * actionSize, (i + 1) * actionSize);
    const step = await session.step({ dtype: 'float32', shape: [1, actionSize], data });
    const row = observations.subarray((i + 1) * size, (i + 2) * size);
    const largest = Math.max(
      observationDistance(found, step.observation, row),
      distance(step.rewards[0], rewards[i]),
      infoDistance(found, step.infos.get(0) ?? {}, episode.infos, i),
    );
    const stepDrift = drift[i];
    calm &&= stepDrift <= CALM_DRIFT;
    note(i < EARLY_STEPS ? found.early : found.late, largest, stepDrift);
    if (calm) note(found.calm, largest, stepDrift);
    const flags = `${Number(step.terminated[0])}${Number(step.truncated[0])}`;
    const expected = `${episode.terminated[i]}${episode.truncated[i]}`;
    if (flags === expected) continue;
    if (calm) found.faults.push(`step ${i}: flags ${flags}, expected ${expected}`);
    found.lostSteps += episode.steps - i - 1;
    return;
  }
}

function note(part: Part, largest: number, drift: number): void {
  part.largest = Math.max(part.largest, largest);
  part.drift = Math.max(part.drift, drift);
  part.steps += 1;
}

/** Infinite where either is no number. */
function distance(actual: number, expected: number): number {
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
    largest = Math.max(largest, distance(actual[i], expected[i]));
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
