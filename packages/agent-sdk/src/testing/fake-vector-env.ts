import {
  type AutoresetMode,
  type BatchSpec,
  box,
  type FinalStep,
  type Info,
  type Seed,
  type Tensor,
  type VectorResetOptions,
  type VectorStepOptions,
  type VectorStepResult,
} from '@gymwire/protocol';
import type { EpisodeSeeding, MadeEnv, VectorEnv } from '../rollout/vector-env.ts';

/** One environment with float64 observations, for tests. */
export interface FakeEnv {
  reset(seed: Seed | null): readonly number[];
  step(action: Float32Array): FakeStep;
}

export interface FakeStep {
  readonly observation: readonly number[];
  readonly reward: number;
  readonly terminated: boolean;
  readonly truncated: boolean;
}

export interface FakeVectorEnvOptions {
  readonly make: (envIndex: number) => FakeEnv;
  readonly observationSize: number;
  readonly actionLow?: readonly number[];
  readonly actionHigh?: readonly number[];
  readonly numEnvs?: number;
  readonly autoresetMode?: AutoresetMode;
  readonly envId?: string;
  /** What it says of itself; absent: nothing. */
  readonly maxEpisodeSteps?: number;
  /** Absent: episodes that begin by themselves go on with the environment's own stream. */
  readonly episodeSeeding?: EpisodeSeeding;
  /** Absent: it cannot say. */
  readonly made?: MadeEnv;
  /** It is a batch simulator, which may tell no last observations, and take no seeds. */
  readonly batch?: BatchSpec;
}

const noInfos: ReadonlyMap<number, Info> = new Map();

/** Environments in this process under Gymnasium's three autoreset modes, strict about how they are used. */
export class FakeVectorEnv implements VectorEnv {
  readonly envId: string;
  readonly numEnvs: number;
  readonly autoresetMode: AutoresetMode;
  readonly observationSpace;
  readonly actionSpace;
  readonly maxEpisodeSteps: number | undefined;
  readonly made: MadeEnv | undefined;
  readonly episodeSeeding: EpisodeSeeding | undefined;
  readonly batch: BatchSpec | undefined;
  /** What this environment was asked, in order. */
  readonly resets: VectorResetOptions[] = [];
  /** Seeds that came with steps. */
  readonly stepSeeds: (readonly Seed[])[] = [];
  steps = 0;
  isClosed = false;
  readonly #envs: readonly FakeEnv[];
  readonly #rows: (readonly number[])[];
  readonly #ended: boolean[];

  constructor(options: FakeVectorEnvOptions) {
    const { make, observationSize, numEnvs = 1, autoresetMode = 'disabled', envId = 'Fake-v0' } = options;
    const { actionLow = [-1], actionHigh = actionLow.map((low) => -low) } = options;
    this.envId = envId;
    this.numEnvs = numEnvs;
    this.autoresetMode = autoresetMode;
    this.maxEpisodeSteps = options.maxEpisodeSteps;
    this.made = options.made;
    this.episodeSeeding = options.episodeSeeding;
    this.batch = options.batch;
    const unbounded = Array.from({ length: observationSize }, () => Infinity);
    this.observationSpace = box(
      unbounded.map((high) => -high),
      unbounded,
    );
    this.actionSpace = box(actionLow, actionHigh);
    this.#envs = Array.from({ length: numEnvs }, (_, i) => make(i));
    this.#rows = this.#envs.map(() => []);
    this.#ended = this.#envs.map(() => true);
  }

  async reset(options: VectorResetOptions = {}) {
    this.resets.push(options);
    if (options.seeds !== undefined && this.batch?.seeding === 'none') throw new Error('it takes no seeds');
    for (const [i, env] of this.#envs.entries()) {
      if (options.mask?.[i] === false) continue;
      this.#rows[i] = env.reset(options.seeds?.[i] ?? null);
      this.#ended[i] = false;
    }
    return { observation: tensor(this.#rows), infos: noInfos };
  }

  async step(actions: Float32Array, { nextSeeds }: VectorStepOptions = {}): Promise<VectorStepResult> {
    this.steps++;
    if (nextSeeds !== undefined && this.episodeSeeding !== 'with-step') throw new Error('seeds with a step');
    if (nextSeeds !== undefined) this.stepSeeds.push(nextSeeds);
    const { low, high } = this.actionSpace;
    const size = low.data.length;
    if (actions.length !== this.numEnvs * size) throw new Error(`${actions.length} action numbers`);
    actions.forEach((value, k) => {
      const isInside = value >= Number(low.data[k % size]) && value <= Number(high.data[k % size]);
      if (!isInside) throw new Error(`action number ${k} is ${value}`);
    });
    const results = this.#envs.map((env, i) =>
      this.#stepOne(env, i, actions.slice(i * size, (i + 1) * size), nextSeeds?.[i] ?? null),
    );
    const finalRows: (readonly number[])[] = [];
    const envIndices: number[] = [];
    for (const [i, result] of results.entries()) {
      this.#rows[i] = result.observation;
      this.#ended[i] = result.terminated || result.truncated;
      if (this.#ended[i] !== true || this.autoresetMode !== 'same-step') continue;
      envIndices.push(i);
      finalRows.push(result.observation);
      this.#rows[i] = this.#envs[i].reset(nextSeeds?.[i] ?? null);
      this.#ended[i] = false;
    }
    const final: FinalStep = { envIndices, observation: tensor(finalRows), infos: noInfos };
    return {
      observation: tensor(this.#rows),
      rewards: Float64Array.from(results, (result) => result.reward),
      terminated: results.map((result) => result.terminated),
      truncated: results.map((result) => result.truncated),
      infos: noInfos,
      ...(envIndices.length > 0 && this.batch?.finalObservations !== false && { final }),
    };
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  #stepOne(env: FakeEnv, i: number, action: Float32Array, seed: Seed | null): FakeStep {
    if (this.#ended[i] !== true) return env.step(action);
    if (this.autoresetMode !== 'next-step') throw new Error(`environment ${i} was stepped after its end`);
    return { observation: env.reset(seed), reward: 0, terminated: false, truncated: false };
  }
}

function tensor(rows: readonly (readonly number[])[]): Tensor {
  const data = Float64Array.from(rows.flat());
  return { dtype: 'float64', shape: [rows.length, rows[0]?.length ?? 0], data };
}
