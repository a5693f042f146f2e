import {
  float32,
  GymwireError,
  Scalar,
  type Space,
  type Tensor,
  Tuple,
  type Value,
  zeros,
} from '@gymwire/protocol';
import { describe, expect, it } from 'vitest';
import { type HostBatch, joinBatches, sliceBatch } from './batch-parts.ts';

const box: Space = { type: 'box', low: float32([-1, -1]), high: float32([1, 1]) };
const space: Space = {
  type: 'dict',
  entries: [
    ['at', box],
    ['pair', { type: 'tuple', spaces: [box, { type: 'text', minLength: 0, maxLength: 9, charset: 'ab' }] }],
  ],
};

const rows = (...numbers: number[]): Tensor => ({ ...float32(numbers), shape: [numbers.length / 2, 2] });
const batchOf = (at: Value, texts: readonly Value[] = ['a', 'b']): Value => ({
  at,
  pair: new Tuple([rows(1, 2, 3, 4), new Tuple(texts)]),
});
const part = (host: string, batch: Value | undefined, count = 2): HostBatch => ({ host, rows: count, batch });

function faultOf(batch: Value | undefined): string {
  try {
    joinBatches(space, [part('a:1', batchOf(rows(1, 2, 3, 4))), part('b:2', batch)]);
  } catch (error) {
    if (error instanceof GymwireError && error.code === 'MALFORMED') return error.message;
    throw error;
  }
  throw new Error('expected a fault');
}

describe('batches of the hosts of a fleet', () => {
  it('lie one after the other, and are cut apart again', () => {
    const whole = batchOf(rows(1, 2, 3, 4));
    const single: Value = { at: rows(5, 6), pair: new Tuple([rows(7, 8), new Tuple(['c'])]) };
    const joined = joinBatches(space, [part('a:1', whole), part('b:2', single, 1)]);
    expect(joined).toEqual({
      at: rows(1, 2, 3, 4, 5, 6),
      pair: new Tuple([rows(1, 2, 3, 4, 7, 8), new Tuple(['a', 'b', 'c'])]),
    });
    expect(sliceBatch(space, joined, 2, 1)).toEqual(single);
  });

  it.each<[string, Value | undefined, string]>([
    ['no dictionary', null, 'observation of b:2: expected a dictionary with the keys at, pair, got nothing'],
    [
      'an array',
      rows(1, 2),
      'observation of b:2: expected a dictionary with the keys at, pair, got float32 [1, 2]',
    ],
    [
      'a tuple',
      new Tuple([1]),
      'observation of b:2: expected a dictionary with the keys at, pair, got a tuple of 1',
    ],
    ['a list', [1, 2], 'observation of b:2: expected a dictionary with the keys at, pair, got a list of 2'],
    [
      'bytes',
      new Uint8Array(3),
      'observation of b:2: expected a dictionary with the keys at, pair, got 3 bytes',
    ],
    [
      'a scalar',
      new Scalar('float32', 3),
      'observation of b:2: expected a dictionary with the keys at, pair, got the float32 scalar 3',
    ],
    [
      'a text',
      'x'.repeat(999),
      `observation of b:2: expected a dictionary with the keys at, pair, got the string ${'x'.repeat(100)}…`,
    ],
    [
      'a key that is missing',
      { at: rows(1, 2, 3, 4) },
      'observation of b:2: expected a dictionary with the keys at, pair, got a dictionary with the keys at',
    ],
    [
      'a key too many, which would be dropped',
      { ...(batchOf(rows(1, 2, 3, 4)) as { at: Value; pair: Value }), more: 1 },
      'observation of b:2: expected a dictionary with the keys at, pair, got a dictionary with the keys at, pair, more',
    ],
    ['no array', batchOf(3), 'observation.at of b:2: expected an array of 2 rows, got the number 3'],
    [
      'rows of other environments',
      batchOf(rows(1, 2, 3, 4, 5, 6)),
      'observation.at of b:2: expected an array of 2 rows, got float32 [3, 2]',
    ],
    [
      'another dtype',
      batchOf(zeros('float64', [2, 2])),
      'observation.at of b:2: expected float32 [2, 2], got float64 [2, 2]',
    ],
    [
      'rows of another shape',
      batchOf(zeros('float32', [2, 3])),
      'observation.at of b:2: expected float32 [2, 2], got float32 [2, 3]',
    ],
    [
      'no tuple',
      { at: rows(1, 2, 3, 4), pair: 'ab' },
      'observation.pair of b:2: expected a tuple of 2, got the string ab',
    ],
    [
      'too few texts',
      batchOf(rows(1, 2, 3, 4), ['a']),
      'observation.pair[1] of b:2: expected a tuple of 2, got a tuple of 1',
    ],
  ])('%s is MALFORMED, with its host and its place', (_, batch, message) => {
    expect(faultOf(batch)).toBe(message);
  });

  it('of one host alone are its own, whatever they are', () => {
    const odd: Tensor = rows(1, 2);
    expect(joinBatches(space, [part('a:1', odd)])).toBe(odd);
  });
});
