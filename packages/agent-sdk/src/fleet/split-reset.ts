import { GymwireError, type Seed, type VectorResetOptions } from '@gymwire/protocol';
import type { FleetMember } from './fleet-member.ts';

/** A reset as one session gets it. */
export interface MemberReset {
  readonly member: FleetMember;
  /** True where all its environments are reset: it needs nothing of what was before. */
  readonly isWhole: boolean;
  readonly options: VectorResetOptions;
}

/**
 * A reset of a fleet's environments as resets of its sessions; those whose environments are all left out get none.
 * @throws GymwireError INVALID_ARGUMENT, NOT_RESET: as a single session would, before anything is reset
 */
export function splitReset(
  members: readonly FleetMember[],
  numEnvs: number,
  { seed, seeds, mask, ...others }: VectorResetOptions,
): MemberReset[] {
  if (seed !== undefined && seeds !== undefined) {
    throw invalid('give seed or seeds, not both');
  }
  if (seeds !== undefined && seeds.length !== numEnvs) {
    throw invalid(`expected ${numEnvs} seeds, got ${seeds.length}`);
  }
  checkMask(mask, numEnvs);
  if (seed !== undefined) checkLast(seed, numEnvs);
  return members.flatMap((member) => {
    const { first, count } = member;
    const part = mask?.slice(first, first + count);
    if (part?.includes(true) === false) {
      if (member.observation !== undefined) return [];
      throw new GymwireError(
        'NOT_RESET',
        `environment ${first} has not been reset yet: reset all of them first`,
      );
    }
    const isWhole = part?.includes(false) !== true;
    const options = {
      ...others,
      ...(seed !== undefined && { seed: plus(seed, first) }),
      ...(seeds !== undefined && { seeds: seeds.slice(first, first + count) }),
      ...(!isWhole && part !== undefined && { mask: part }),
    };
    return [{ member, isWhole, options }];
  });
}

/** The part of a whole reset that one of several sessions gets that took the place of one. */
export function partOf(options: VectorResetOptions, offset: number, member: FleetMember): MemberReset {
  const { seed, seeds } = options;
  return {
    member,
    isWhole: true,
    options: {
      ...options,
      ...(seed !== undefined && { seed: plus(seed, offset) }),
      ...(seeds !== undefined && { seeds: seeds.slice(offset, offset + member.count) }),
    },
  };
}

function checkMask(mask: readonly boolean[] | undefined, numEnvs: number): void {
  if (mask === undefined) return;
  if (mask.length !== numEnvs)
    throw invalid(`expected a mask of ${numEnvs} environments, got one of ${mask.length}`);
  if (!mask.includes(true)) throw invalid('the mask names none of the environments');
}

/** What is no seed is for the server to name. */
function checkLast(seed: Seed, numEnvs: number): void {
  if (typeof seed === 'number' && !Number.isSafeInteger(seed)) return;
  if (BigInt(seed) + BigInt(numEnvs - 1) < 2n ** 64n) return;
  throw invalid(`seed: seed + ${numEnvs - 1}, that of the last environment, must be below 2^64; got ${seed}`);
}

function plus(seed: Seed, offset: number): Seed {
  if (typeof seed === 'bigint') return seed + BigInt(offset);
  // Above 2^53 the next number is another one.
  return Number.isSafeInteger(seed) && !Number.isSafeInteger(seed + offset)
    ? BigInt(seed) + BigInt(offset)
    : seed + offset;
}

function invalid(what: string): GymwireError {
  return new GymwireError('INVALID_ARGUMENT', `reset: ${what}`);
}
