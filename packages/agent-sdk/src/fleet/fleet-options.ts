/** Public options of `connectFleet` in, resolved options out; those of `connect` are resolved for each host. */
import { setTimeout as sleep } from 'node:timers/promises';
import { optionsFault, shown } from '@gymwire/protocol';
import { type ConnectOptions, connectNames, resolveConnectOptions } from '../env-client/connect-options.ts';
import type { FleetEvent } from '../env-client/connection-event.ts';
import { AgentError } from '../errors.ts';
import type { FleetClock } from './wait-for-most.ts';

/** The ways to wait for the hosts of a step. */
export const fleetModes = ['strict', 'elastic'] as const;

/**
 * `strict`: a step waits for every host, and the same options give the same bits wherever the environments are. `elastic`: a step
 * goes on without a slow host, whose transitions come with a later one: no run of it is reproducible.
 */
export type FleetMode = (typeof fleetModes)[number];

/** What `connectFleet` takes beside the servers: what goes for all of them, and how they are used together. */
export interface FleetOptions extends ConnectOptions {
  /** Default `strict`. */
  readonly mode?: FleetMode;
  /**
   * Told when hosts join, are lost or take environments over. What it throws or rejects with ends the
   * calls of the fleet's environments with INTERNAL.
   */
  readonly onFleet?: (event: FleetEvent) => unknown;
  /** How often the list of servers is read again, and hosts that were lost are tried; also when one is lost. Default 10 s. */
  readonly watchIntervalMs?: number;
  /** Decides whom an elastic fleet waits for; default: the machine's. */
  readonly clock?: FleetClock;
}

export interface ResolvedFleetOptions {
  readonly mode: FleetMode;
  readonly onFleet: (event: FleetEvent) => unknown;
  readonly watchIntervalMs: number;
  readonly clock: FleetClock;
  /** Spreads attempts to find a place, in [0, 1). */
  readonly jitter: () => number;
  /** What goes for every host whose line of the list does not say otherwise. */
  readonly connect: ConnectOptions;
}

const ownNames = Object.keys({
  mode: true,
  onFleet: true,
  watchIntervalMs: true,
  clock: true,
} satisfies Record<Exclude<keyof FleetOptions, keyof ConnectOptions>, true>);

/** There are others to go on with: a host that is away is not waited for as long as an only one. */
const reconnectTimeoutMs = 10_000;

const machineClock: FleetClock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
};

/** @throws AgentError INVALID_OPTION */
export function resolveFleetOptions(options: FleetOptions): ResolvedFleetOptions {
  const fault = optionsFault('connectFleet', options, [...connectNames, ...ownNames], '{ token }');
  if (fault !== undefined) throw new AgentError('INVALID_OPTION', fault);
  const { mode = 'strict', onFleet = () => undefined, watchIntervalMs = 10_000, clock, ...connect } = options;
  if (!fleetModes.includes(mode)) {
    throw new AgentError('INVALID_OPTION', `mode: expected ${fleetModes.join(' or ')}, got ${shown(mode)}`);
  }
  if (!Number.isInteger(watchIntervalMs) || watchIntervalMs < 1 || watchIntervalMs >= 2 ** 31) {
    throw new AgentError(
      'INVALID_OPTION',
      `watchIntervalMs: expected an integer from 1 to ${2 ** 31 - 1}, got ${shown(watchIntervalMs)}`,
    );
  }
  return {
    mode,
    onFleet,
    watchIntervalMs,
    clock: clock ?? machineClock,
    jitter: resolveConnectOptions(connect).jitter,
    connect: { reconnectTimeoutMs, ...connect },
  };
}

/** An event in words, for people. */
export function describeFleetEvent(event: FleetEvent): string {
  switch (event.type) {
    case 'joined':
      return `${event.host}: joined the fleet`;
    case 'lost':
      return `${event.host}: lost (${event.reason}); trying again`;
    case 'refused':
      return `${event.host}: not used: ${event.reason}`;
    case 'moved': {
      const { envIndices: all, host } = event;
      return `${host}: has ${all.length === 1 ? 'environment' : 'environments'} ${rangesOf(all)} now`;
    }
    case 'slow':
      return `${event.host}: slow; steps go on without it, here and there`;
    case 'warning':
      return event.message;
  }
}

/** "0–3, 7" */
function rangesOf(indices: readonly number[]): string {
  const ranges: [first: number, last: number][] = [];
  for (const i of indices) {
    const current = ranges.at(-1);
    if (current !== undefined && current[1] === i - 1) current[1] = i;
    else ranges.push([i, i]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`)).join(', ');
}
