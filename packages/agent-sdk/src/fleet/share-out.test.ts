import { describe, expect, it } from 'vitest';
import { shareOut } from './share-out.ts';

const host = (capacity: number, room = Infinity) => ({ capacity, room });

describe('shares of environments', () => {
  it.each([
    [8, [host(1)], [8]],
    [8, [host(1), host(1)], [4, 4]],
    // What is left over goes to whoever comes first.
    [8, [host(1), host(1), host(1)], [3, 3, 2]],
    [2, [host(1), host(1), host(1)], [1, 1, 0]],
    // By capacity, the largest fractions first.
    [10, [host(16), host(4)], [8, 2]],
    [7, [host(3), host(1)], [5, 2]],
    // What has no room goes to the others.
    [10, [host(16, 3), host(4), host(4)], [3, 4, 3]],
    [4, [host(4, 0), host(1)], [0, 4]],
    [6, [host(1, 2), host(1, 4)], [2, 4]],
  ])('%i over %o', (count, hosts, shares) => expect(shareOut(count, hosts)).toEqual(shares));

  it('fit or are refused together', () => {
    expect(shareOut(7, [host(1, 2), host(1, 4)])).toBeUndefined();
    expect(shareOut(1, [])).toBeUndefined();
  });
});
