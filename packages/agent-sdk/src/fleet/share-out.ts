/** How many environments each host gets. */

/** A host that environments may be made on. */
export interface Shareholder {
  /** How much it takes on beside the others; above 0. */
  readonly capacity: number;
  /** The most that fit. */
  readonly room: number;
}

/**
 * Shares in proportion to the capacities, in whole environments: what is left over goes to the largest fractions, of equal ones
 * to the host that comes first. What a host has no room for goes to the others. The same hosts get the same shares.
 * @returns one number a host; undefined where not all environments fit
 */
export function shareOut(count: number, hosts: readonly Shareholder[]): number[] | undefined {
  const shares = hosts.map(() => 0);
  let left = count;
  while (left > 0) {
    const open = hosts.flatMap(({ room }, i) => (shares[i] < room ? [i] : []));
    if (open.length === 0) return undefined;
    const given = proportional(
      left,
      open.map((i) => hosts[i].capacity),
    );
    for (const [at, i] of open.entries()) {
      const taken = Math.min(given[at], hosts[i].room - shares[i]);
      shares[i] += taken;
      left -= taken;
    }
  }
  return shares;
}

function proportional(count: number, capacities: readonly number[]): number[] {
  const sum = capacities.reduce((total, capacity) => total + capacity, 0);
  const exact = capacities.map((capacity) => (count * capacity) / sum);
  const whole = exact.map(Math.floor);
  let left = count - whole.reduce((total, share) => total + share, 0);
  const byFraction = [...exact.keys()].sort((a, b) => exact[b] - whole[b] - (exact[a] - whole[a]) || a - b);
  for (const i of byFraction) {
    if (left === 0) break;
    whole[i] += 1;
    left -= 1;
  }
  return whole;
}
