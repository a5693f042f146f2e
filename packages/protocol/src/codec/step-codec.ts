/** Resets and steps ⇄ wire messages: the hot path. */
import { GymwireError } from '../errors.ts';
import type { EnvInfo, EnvInfo__Output } from '../generated/gymwire/v1/EnvInfo.ts';
import type { PackedInfos__Output } from '../generated/gymwire/v1/PackedInfos.ts';
import type { ResetRequest, ResetRequest__Output } from '../generated/gymwire/v1/ResetRequest.ts';
import type { ResetResponse, ResetResponse__Output } from '../generated/gymwire/v1/ResetResponse.ts';
import type { StepResponse, StepResponse__Output } from '../generated/gymwire/v1/StepResponse.ts';
import type { FinalStep, Seed, VectorResetOptions, VectorResetResult, VectorStepResult } from '../gym.ts';
import type { Info } from '../value.ts';
import {
  checkAscending,
  checkDistinct,
  checkEnded,
  decodePackedInfos,
  type InfoRows,
  unpackInfos,
} from './packed-infos.ts';
import { decodeDict, decodeValue, encodeDict, encodeValue } from './value-codec.ts';

const maxSeed = 2n ** 64n - 1n;
const noInfos: ReadonlyMap<number, Info> = new Map();

function seedOf(seed: Seed): bigint {
  if (typeof seed !== 'bigint' && !Number.isSafeInteger(seed)) {
    throw new GymwireError(
      'INVALID_ARGUMENT',
      `seed: expected an integer (above 2^53 a bigint), got ${seed}`,
    );
  }
  const integer = BigInt(seed);
  if (integer < 0n || integer > maxSeed) {
    throw new GymwireError('INVALID_ARGUMENT', `seed: expected 0 <= seed < 2^64, got ${seed}`);
  }
  return integer;
}

/**
 * The seeds of a step as they travel: 8 bytes an environment.
 * @throws GymwireError INVALID_ARGUMENT for another number of them, or one that is no integer in [0, 2^64)
 */
export function packNextSeeds(seeds: readonly Seed[], numEnvs: number): BigUint64Array {
  const got = Array.isArray(seeds) ? seeds.length : typeof seeds;
  if (got !== numEnvs) {
    throw new GymwireError('INVALID_ARGUMENT', `step: nextSeeds: expected ${numEnvs} seeds, got ${got}`);
  }
  const packed = new BigUint64Array(numEnvs);
  for (let i = 0; i < numEnvs; i++) packed[i] = seedOf(seeds[i]);
  return packed;
}

/**
 * @param bytes none: no seeds
 * @param numEnvs how many environments the session has (1 for a single one)
 * @throws GymwireError INVALID_ARGUMENT unless they are 8 an environment
 */
export function unpackNextSeeds(bytes: Uint8Array, numEnvs: number): BigUint64Array | undefined {
  if (bytes.length === 0) return undefined;
  if (bytes.length !== numEnvs * 8) {
    throw new GymwireError(
      'INVALID_ARGUMENT',
      `step: next_seeds: expected ${numEnvs} seeds of 8 bytes, got ${bytes.length} bytes`,
    );
  }
  const seeds = new BigUint64Array(numEnvs);
  new Uint8Array(seeds.buffer).set(bytes);
  return seeds;
}

/** protobufjs would make a flag of anything, also of the text 'no'. */
function encodeMask(mask: readonly boolean[]): boolean[] {
  const odd = mask.findIndex((named) => typeof named !== 'boolean');
  if (odd < 0) return [...mask];
  const got = typeof mask[odd];
  throw new GymwireError(
    'INVALID_ARGUMENT',
    `mask[${odd}]: expected a boolean, got ${got} ${String(mask[odd])}`,
  );
}

/**
 * @throws GymwireError INVALID_ARGUMENT for a seed that is no integer in [0, 2^64) or a mask that holds no booleans,
 * MALFORMED for options that hold what is no value
 */
export function encodeResetOptions(options: VectorResetOptions): ResetRequest {
  const { seed, seeds, mask } = options;
  if (seed !== undefined && seeds !== undefined) {
    throw new GymwireError('INVALID_ARGUMENT', 'reset: give seed or seeds, not both');
  }
  return {
    ...(seed === undefined ? {} : { seed: seedOf(seed).toString() }),
    ...(seeds === undefined
      ? {}
      : { seeds: { seeds: seeds.map((one) => (one === null ? {} : { seed: seedOf(one).toString() })) } }),
    ...(options.options === undefined ? {} : { options: encodeDict(options.options, 'options') }),
    ...(mask === undefined ? {} : { mask: encodeMask(mask) }),
  };
}

export function decodeResetOptions(wire: ResetRequest__Output): VectorResetOptions {
  return {
    ...(wire.seeding === 'seed' && wire.seed !== undefined ? { seed: BigInt(wire.seed) } : {}),
    ...(wire.seeding === 'seeds' && wire.seeds
      ? { seeds: wire.seeds.seeds.map(({ seed }) => (seed === undefined ? null : BigInt(seed))) }
      : {}),
    ...(wire.options ? { options: decodeDict(wire.options.entries, 'options') } : {}),
    ...(wire.mask.length > 0 ? { mask: wire.mask } : {}),
  };
}

function encodeInfos(infos: ReadonlyMap<number, Info>, where: string): EnvInfo[] {
  if (infos.size === 0) return [];
  return Array.from(infos, ([envIndex, info]) => ({ envIndex, info: encodeDict(info, where) }));
}

function decodeInfos(
  wire: readonly EnvInfo__Output[],
  where: string,
  numEnvs: number,
): ReadonlyMap<number, Info> {
  const infos = new Map<number, Info>();
  for (const { envIndex, info } of wire) {
    if (envIndex >= numEnvs) {
      throw new GymwireError(
        'MALFORMED',
        `${where}: expected environments below ${numEnvs}, got ${envIndex}`,
      );
    }
    if (infos.has(envIndex)) {
      throw new GymwireError('MALFORMED', `${where}: environment ${envIndex} has two infos`);
    }
    infos.set(envIndex, decodeDict(info?.entries ?? [], where));
  }
  return infos;
}

function allInfos(
  wire: readonly EnvInfo__Output[],
  packed: readonly PackedInfos__Output[],
  where: string,
  numEnvs: number,
): ReadonlyMap<number, Info> {
  const loose = decodeInfos(wire, where, numEnvs);
  const rows = packed.map((one) => decodePackedInfos(one, where, numEnvs));
  checkDistinct(loose, rows, where);
  return unpackInfos(loose, rows);
}

export function encodeResetResult(result: VectorResetResult, sequence: number): ResetResponse {
  return {
    sequence,
    observation: encodeValue(result.observation, 'observation'),
    infos: encodeInfos(result.infos, 'info'),
  };
}

/**
 * @param numEnvs how many environments the session has (1 for a single one)
 * @throws GymwireError MALFORMED, also when infos are not of different environments of the session's
 */
export function decodeResetResult(wire: ResetResponse__Output, numEnvs: number): VectorResetResult {
  return {
    observation: decodeValue(wire.observation, 'observation'),
    infos: allInfos(wire.infos, wire.packedInfos, 'info', numEnvs),
  };
}

export function encodeStepResult(result: VectorStepResult, sequence: number): StepResponse {
  const { final } = result;
  return {
    sequence,
    observation: encodeValue(result.observation, 'observation'),
    rewards: encodeRewards(result.rewards),
    terminated: encodeFlags(result.terminated),
    truncated: encodeFlags(result.truncated),
    infos: encodeInfos(result.infos, 'info'),
    ...(final === undefined
      ? {}
      : {
          finalEnvIndices: [...final.envIndices],
          finalObservation: encodeValue(final.observation, 'final_observation'),
          finalInfos: encodeInfos(final.infos, 'final_info'),
        }),
  };
}

/**
 * @param numEnvs how many environments the session has (1 for a single one)
 * @throws GymwireError MALFORMED when rewards or flags are not one an environment, or infos not of different environments of
 * the session's; final ones, of environments whose episode has ended
 */
export function decodeStepResult(wire: StepResponse__Output, numEnvs: number): VectorStepResult {
  const step = {
    observation: decodeValue(wire.observation, 'observation'),
    rewards: decodeRewards(wire.rewards, numEnvs),
    terminated: decodeFlags(wire.terminated, numEnvs, 'terminated'),
    truncated: decodeFlags(wire.truncated, numEnvs, 'truncated'),
    infos: decodeInfos(wire.infos, 'info', numEnvs),
    ...decodeFinal(wire, numEnvs),
  };
  return withPacked(step, {
    infos: wire.packedInfos.map((one) => decodePackedInfos(one, 'info', numEnvs)),
    finalInfos: wire.packedFinalInfos.map((one) => decodePackedInfos(one, 'final_info', numEnvs)),
  });
}

/** What a step brought by columns. */
export interface PackedStep {
  readonly infos: InfoRows[];
  readonly finalInfos: InfoRows[];
}

/** With the packed infos among the others; they are unpacked when somebody looks. @throws GymwireError MALFORMED */
export function withPacked(step: VectorStepResult, packed: PackedStep): VectorStepResult {
  if (packed.infos.length + packed.finalInfos.length === 0) return step;
  const { observation, rewards, terminated, truncated, infos, final } = step;
  checkDistinct(infos, packed.infos, 'info');
  if (final === undefined) checkEnded([], noInfos, packed.finalInfos);
  let own: ReadonlyMap<number, Info> | undefined;
  return {
    observation,
    rewards,
    terminated,
    truncated,
    get infos() {
      own ??= unpackInfos(infos, packed.infos);
      return own;
    },
    ...(final === undefined ? {} : { final: withPackedFinal(final, packed.finalInfos) }),
  };
}

function withPackedFinal(final: FinalStep, packed: readonly InfoRows[]): FinalStep {
  const { envIndices, observation, infos } = final;
  checkDistinct(infos, packed, 'final_info');
  checkEnded(envIndices, noInfos, packed);
  let own: ReadonlyMap<number, Info> | undefined;
  return {
    envIndices,
    observation,
    get infos() {
      own ??= unpackInfos(infos, packed);
      return own;
    },
  };
}

// Element by element: for the few rewards of a usual step that is faster than views over buffers.
function encodeRewards(rewards: Float64Array): Buffer {
  const bytes = Buffer.allocUnsafe(rewards.length * 8);
  for (let i = 0; i < rewards.length; i++) bytes.writeDoubleLE(rewards[i], i * 8);
  return bytes;
}

function decodeRewards(bytes: Buffer, numEnvs: number): Float64Array {
  if (bytes.length !== numEnvs * 8) {
    throw new GymwireError(
      'MALFORMED',
      `step: expected ${numEnvs} rewards of 8 bytes, got ${bytes.length} bytes`,
    );
  }
  const rewards = new Float64Array(numEnvs);
  for (let i = 0; i < numEnvs; i++) rewards[i] = bytes.readDoubleLE(i * 8);
  return rewards;
}

function encodeFlags(flags: readonly boolean[]): Buffer {
  const bytes = Buffer.allocUnsafe(flags.length);
  for (let i = 0; i < flags.length; i++) bytes[i] = flags[i] ? 1 : 0;
  return bytes;
}

function decodeFlags(bytes: Buffer, numEnvs: number, name: string): readonly boolean[] {
  if (bytes.length !== numEnvs) {
    throw new GymwireError('MALFORMED', `step: expected ${numEnvs} ${name} flags, got ${bytes.length}`);
  }
  const flags: boolean[] = [];
  for (let i = 0; i < numEnvs; i++) flags.push(bytes[i] !== 0);
  return flags;
}

function decodeFinal(wire: StepResponse__Output, numEnvs: number): { readonly final?: FinalStep } {
  const envIndices = wire.finalEnvIndices;
  checkAscending(envIndices, 'final_env_indices', numEnvs);
  const infos = decodeInfos(wire.finalInfos, 'final_info', numEnvs);
  checkEnded(envIndices, infos, []);
  if (envIndices.length === 0) return {};
  return {
    final: { envIndices, observation: decodeValue(wire.finalObservation, 'final_observation'), infos },
  };
}
