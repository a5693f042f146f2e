/**
 * gymwire/Conformance-v0: an environment that counts, so that a client can tell from outside what a server did.
 * docs/protocol.md specifies it for every language.
 */

import type {
  Env,
  EnvRegistration,
  EnvResetOptions,
  MaybePromise,
  RandomGenerator,
  ResolvedArguments,
} from '@gymwire/env';
import {
  type Frame,
  type Info,
  type ResetResult,
  type Space,
  type StepResult,
  type Tensor,
  type Value,
} from '@gymwire/protocol';
import {
  commandSpace,
  countsSpace,
  echoSpace,
  echoStart,
  imageAt,
  imageSpace,
} from './conformance-spaces.ts';
import { everyType } from './every-type.ts';

/** What the second element of an action asks for. */
const commands = {
  terminate: 1,
  truncate: 2,
  terminateAndTruncate: 3,
  fail: 4,
  badObservation: 5,
  badReward: 6,
  foreignObservation: 7,
  takeTime: 8,
} as const;

const slowStepMs = 500;
const multiplier = 6364136223846793005n;
const increment = 1442695040888963407n;

/** Offered by servers that are told to; the documented environment of conformance tests. */
export const conformanceEnv: EnvRegistration = {
  id: 'gymwire/Conformance-v0',
  description: 'Counts steps and resets, and ends, fails and waits as told: for conformance tests.',
  maxEpisodeSteps: 1000,
  rewardThreshold: 0,
  renderModes: ['rgb_array'],
  renderFps: 25,
  arguments: [
    { name: 'info', type: 'bool', defaultValue: true, description: 'infos with content; else all are empty' },
    {
      name: 'terminate_after',
      type: 'int',
      defaultValue: 0n,
      minimum: 0,
      maximum: 1_000_000,
      description: 'steps until an episode terminates; 0: only as told',
    },
    {
      name: 'reward_scale',
      type: 'float',
      defaultValue: 1,
      minimum: -1000,
      maximum: 1000,
      description: 'factor of the reward',
    },
    {
      name: 'observation',
      type: 'string',
      defaultValue: 'counts',
      choices: ['counts', 'echo', 'image'],
      description: 'what is observed',
    },
    {
      name: 'offsets',
      type: 'float-list',
      defaultValue: [0, 0.5],
      length: 2,
      minimum: -1e6,
      maximum: 1e6,
      description: 'shown in the info of a reset, nothing else',
    },
  ],
  methods: ['echo'],
  attributes: ['echoes', 'steps'],
  make: (args) => new ConformanceEnv(args),
};

class ConformanceEnv implements Env {
  readonly observationSpace: Space;
  readonly actionSpace: Space;
  readonly #kind: string;
  readonly #hasInfo: boolean;
  readonly #terminateAfter: number;
  readonly #rewardScale: number;
  readonly #shownArguments: Info;
  #state: bigint | undefined;
  #draw = 0;
  #step = 0;
  #steps = 0;
  #resets = 0;
  #echoes = 0;

  constructor(args: ResolvedArguments) {
    this.#kind = args.string('observation');
    this.#hasInfo = args.bool('info');
    this.#terminateAfter = args.number('terminate_after');
    this.#rewardScale = args.number('reward_scale');
    this.#shownArguments = {
      info: this.#hasInfo,
      terminate_after: BigInt(this.#terminateAfter),
      reward_scale: this.#rewardScale,
      observation: this.#kind,
      offsets: args.floatList('offsets'),
    };
    this.observationSpace =
      this.#kind === 'echo' ? echoSpace : this.#kind === 'image' ? imageSpace : countsSpace;
    this.actionSpace = this.#kind === 'echo' ? echoSpace : commandSpace;
  }

  reset({ random, seed, options }: EnvResetOptions): ResetResult {
    if (seed !== undefined) this.#state = BigInt(seed);
    this.#resets += 1;
    if (options?.fail === true) throw new Error('told to fail in reset');
    this.#state ??= entropy(random);
    this.#state = BigInt.asUintN(64, this.#state * multiplier + increment);
    this.#draw = Number(this.#state >> 32n);
    this.#step = 0;
    const observation =
      this.#kind === 'echo' ? echoStart() : this.#kind === 'image' ? imageAt(0) : this.#counts(0);
    const info = { arguments: this.#shownArguments, options: options ?? null, types: everyType };
    return { observation, info: this.#hasInfo ? info : {} };
  }

  step(action: Value): MaybePromise<StepResult> {
    this.#step += 1;
    this.#steps += 1;
    if (this.#kind === 'echo') return this.#result(action, 0, 0);
    const [first, command] = (action as Tensor<'float32'>).data;
    if (command === commands.fail) throw new Error('told to fail in step');
    const observation = this.#kind === 'image' ? imageAt(this.#step) : this.#commandedCounts(first, command);
    const result = this.#result(observation, first, command);
    if (command !== commands.takeTime) return result;
    return new Promise((resolve) => setTimeout(() => resolve(result), slowStepMs));
  }

  get steps(): bigint {
    return BigInt(this.#steps);
  }

  get echoes(): bigint {
    return BigInt(this.#echoes);
  }

  /** A list of what it was given. */
  echo(...given: readonly Value[]): MaybePromise<Value> {
    this.#echoes += 1;
    if (given[0] === 'fail') throw new Error('told to fail in echo');
    if (given[0] !== 'slow') return given;
    return new Promise((resolve) => setTimeout(() => resolve(given), slowStepMs));
  }

  /** 6 × 4: [step mod 256, 10 y, 10 x]. */
  render(): Frame {
    const [width, height] = [6, 4];
    const data = new Uint8Array(width * height * 3);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) data.set([this.#step % 256, 10 * y, 10 * x], 3 * (y * width + x));
    }
    return { width, height, data };
  }

  #result(observation: Value, first: number, command: number): StepResult {
    const { terminate, truncate, terminateAndTruncate, badReward } = commands;
    const told = command === terminate || command === terminateAndTruncate;
    return {
      observation,
      reward: command === badReward ? Number.NaN : this.#rewardScale * (this.#step / 3 - first),
      terminated: told || this.#step === this.#terminateAfter,
      truncated: command === truncate || command === terminateAndTruncate,
      info: this.#hasInfo ? { step: BigInt(this.#step) } : {},
    };
  }

  #counts(first: number): Tensor<'float64'> {
    const data = Float64Array.of(this.#draw, this.#step, this.#steps, this.#resets, first);
    return { dtype: 'float64', shape: [5], data };
  }

  #commandedCounts(first: number, command: number): Tensor<'float64'> {
    const counts = this.#counts(first);
    if (command === commands.badObservation) counts.data[0] = Number.NaN;
    if (command !== commands.foreignObservation) return counts;
    return { ...counts, shape: [4], data: counts.data.slice(0, 4) };
  }
}

function entropy(random: RandomGenerator): bigint {
  return (BigInt(random.integers(0, 2 ** 32)) << 32n) | BigInt(random.integers(0, 2 ** 32));
}
