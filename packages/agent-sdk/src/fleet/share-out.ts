/** How many environments each host gets. */

/** A host that environments may be made on. */
export interface Shareholder {
  /** How much it takes on beside the others; above 0. */
  readonly capacity: number;
  /** The most that fit. */
  readonly room: number;
  /** What it has already. Default 0. */
  readonly placed?: number;
}

/**
 * Shares in proportion to the capacities, with what the hosts have already, in whole environments: what is left over goes to
 * the largest fractions, of equal ones to the host that comes first. Who has more than its part gets none, and what a host has no
 * room for goes to the others. The same hosts get the same shares.
 * @returns one number a host; undefined where not all environments fit
 */
export function shareOut(count: number, hosts: readonly Shareholder[]): number[] | undefined {
  const shares = hosts.map(() => 0);
  let left = count;
  while (left > 0) {
    const open = hosts.flatMap(({ room }, i) => (shares[i] < room ? [i] : []));
    if (open.length === 0) return undefined;
    const given = level(
      left,
      open.map((i) => ({ capacity: hosts[i].capacity, held: (hosts[i].placed ?? 0) + shares[i] })),
    );
    for (const [at, i] of open.entries()) {
      const taken = Math.min(given[at], hosts[i].room - shares[i]);
      shares[i] += taken;
      left -= taken;
    }
  }
  return shares;
}

/** Environments in one session on a host, from `first` on. */
export interface SessionPart<Host> {
  readonly host: Host;
  readonly first: number;
  readonly count: number;
}

/**
 * The sessions that environments are made in: one for a host's share, or, of a simulator that has a fixed number, as many as have it.
 * @param size that number; it divides the count. Absent: any
 * @returns undefined where not all environments fit
 */
export function divide<Host extends Shareholder>(
  first: number,
  count: number,
  hosts: readonly Host[],
  size?: number,
): SessionPart<Host>[] | undefined {
  const unit = size ?? 1;
  const shares = shareOut(
    count / unit,
    hosts.map(({ capacity, room, placed = 0 }) => ({
      capacity,
      room: Math.floor(room / unit),
      placed: placed / unit,
    })),
  );
  if (shares === undefined) return undefined;
  const counts = hosts.flatMap((host, i) => {
    if (shares[i] === 0) return [];
    if (size === undefined) return [{ host, count: shares[i] }];
    return Array.from({ length: shares[i] }, () => ({ host, count: size }));
  });
  let at = first;
  return counts.map((part) => {
    at += part.count;
    return { ...part, first: at - part.count };
  });
}

interface Holder {
  readonly capacity: number;
  readonly held: number;
}

/** So that all that get any have the same for each unit of capacity, as far as whole environments allow. */
function level(count: number, holders: readonly Holder[]): number[] {
  let taking = [...holders.keys()];
  for (;;) {
    const sum = (of: (holder: Holder) => number) => taking.reduce((total, i) => total + of(holders[i]), 0);
    const [total, capacities] = [count + sum(({ held }) => held), sum(({ capacity }) => capacity)];
    // Whole numbers for as long as possible: what is equal must compare so.
    const missing = ({ capacity, held }: Holder) => capacity * total - held * capacities;
    const below = taking.filter((i) => missing(holders[i]) > 0);
    if (below.length < taking.length && below.length > 0) {
      taking = below;
      continue;
    }
    const exact = holders.map((holder, i) =>
      taking.includes(i) ? Math.max(0, missing(holder) / capacities) : 0,
    );
    return rounded(exact, count);
  }
}

/** Returns whole numbers with that sum, which is that of the exact ones. */
function rounded(exact: readonly number[], count: number): number[] {
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
