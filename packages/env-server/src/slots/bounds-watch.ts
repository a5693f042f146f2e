/**
 * Observations outside their Box pass: many simulators leave the bounds that they declare, and Gymnasium lets them. Their
 * operator is told once, since a learner that scales by the bounds gets what it does not expect.
 */

import { tellOperator } from '@gymwire/env/host';
import { elementCount, integerRange, type Space, type Value } from '@gymwire/protocol';
import { findMismatch, type Mismatch } from './space-member.ts';

/** Larger observations, pictures for instance, are looked at a few times only. */
const largeSize = 4096;
const looksAtLarge = 100;
const always = 2 ** 30;

export class BoundsWatch {
  readonly #envId: string;
  readonly #space: Space;
  #left: number;
  /** True where there is anything left to look at: asked at every step. */
  isOn: boolean;
  /** True as long as looks are counted: each must be asked for by `look`. */
  isCounting: boolean;

  constructor(envId: string, space: Space) {
    this.#envId = envId;
    this.#space = space;
    this.#left = looksAt(space);
    this.isOn = this.#left > 0;
    this.isCounting = this.isOn && this.#left < always;
  }

  /** Looks for what `findMismatch` finds without bounds; tells of an observation outside of them. */
  look(observation: Value): Mismatch | undefined {
    if (this.isCounting) this.isOn = this.isCounting = --this.#left > 0;
    const wrong = findMismatch(this.#space, observation, 'observation', true);
    if (wrong?.kind !== 'bounds') return wrong;
    this.isOn = this.isCounting = false;
    const { where = 'observation' } = wrong.details;
    const message = `${this.#envId}: ${wrong.message}; observations outside their Box are passed on as they are`;
    tellOperator({
      source: this.#envId,
      kind: 'bounds',
      where,
      message,
      fields: { env: this.#envId, where },
    });
    return findMismatch(this.#space, observation, 'observation', false);
  }
}

/** The copies of a session have one space, which may be large itself. */
const looks = new WeakMap<Space, number>();

function looksAt(space: Space): number {
  let count = looks.get(space);
  if (count === undefined) {
    count = sizeOf(space) > largeSize ? looksAtLarge : always;
    if (!canLeave(space)) count = 0;
    looks.set(space, count);
  }
  return count;
}

function sizeOf(space: Space): number {
  switch (space.type) {
    case 'box':
      return elementCount(space.low.shape);
    case 'dict':
      return space.entries.reduce((size, [, inner]) => size + sizeOf(inner), 0);
    case 'tuple':
      return space.spaces.reduce((size, inner) => size + sizeOf(inner), 0);
    default:
      return 0;
  }
}

/** Returns whether its arrays can hold what is outside of it; a picture's bytes cannot. */
function canLeave(space: Space): boolean {
  switch (space.type) {
    case 'box': {
      const [least, greatest] = integerRange(space.low.dtype) ?? [-Infinity, Infinity];
      return (
        isAny(space.low.data, (bound) => bound > least) || isAny(space.high.data, (bound) => bound < greatest)
      );
    }
    case 'dict':
      return space.entries.some(([, inner]) => canLeave(inner));
    case 'tuple':
      return space.spaces.some(canLeave);
    default:
      return false;
  }
}

function isAny(bounds: ArrayLike<number | bigint>, test: (bound: number | bigint) => boolean): boolean {
  for (let i = 0; i < bounds.length; i++) if (test(bounds[i])) return true;
  return false;
}
