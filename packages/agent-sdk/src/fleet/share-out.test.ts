import { describe, expect, it } from 'vitest';
import { divide, shareOut } from './share-out.ts';

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

  it('count what the hosts have already: after many losses no host has more than another', () => {
    const placed = Array.from({ length: 100 }, () => 0);
    for (let loss = 0; loss < 15; loss++) {
      const shares = shareOut(
        8,
        placed.map((own) => ({ ...host(1), placed: own })),
      );
      for (const [i, share] of (shares ?? []).entries()) placed[i] += share;
    }
    expect(placed.reduce((a, b) => a + b)).toBe(120);
    expect([Math.min(...placed), Math.max(...placed)]).toEqual([1, 2]);
  });

  it.each([
    [
      2,
      [
        [1, 4],
        [1, 0],
      ],
      [0, 2],
    ],
    [
      4,
      [
        [1, 4],
        [1, 0],
        [1, 2],
      ],
      [0, 3, 1],
    ],
    [
      6,
      [
        [4, 4],
        [1, 0],
      ],
      [4, 2],
    ],
    [
      3,
      [
        [1, 9],
        [1, 9],
      ],
      [2, 1],
    ],
  ])('level out: %i over hosts of [capacity, placed] %j', (count, hosts, shares) => {
    expect(
      shareOut(
        count,
        hosts.map(([capacity, placed]) => ({ ...host(capacity), placed })),
      ),
    ).toEqual(shares);
  });

  it('of a batch simulator with a fixed number are whole sessions of it', () => {
    const hosts = [
      { ...host(2), name: 'a' },
      { ...host(1), name: 'b' },
    ];
    const named = (size?: number) =>
      divide(8, 24, hosts, size)?.map(({ host: { name }, first, count }) => [name, first, count]);
    expect(named()).toEqual([
      ['a', 8, 16],
      ['b', 24, 8],
    ]);
    expect(named(8)).toEqual([
      ['a', 8, 8],
      ['a', 16, 8],
      ['b', 24, 8],
    ]);
    expect(divide(0, 16, [host(1, 15)], 8)).toBeUndefined();
  });

  it('fit or are refused together', () => {
    expect(shareOut(7, [host(1, 2), host(1, 4)])).toBeUndefined();
    expect(shareOut(1, [])).toBeUndefined();
  });
});
