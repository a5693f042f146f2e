/** What every step carries between a session and its hosts, one row an environment. */
import type { Space, Value } from '@gymwire/protocol';
import type { Phase } from '../slots/phase.ts';
import { Arena, hasBoxRows, takeBoxRows } from './box-rows.ts';
import { maxInfoValues } from './info-table.ts';

/** In the order of their numbers in `phase`. */
export const phases = ['new', 'running', 'ended', 'failed'] as const satisfies readonly Phase[];

export interface SharedRows {
  readonly rewards: Float64Array;
  /** 0 or 1, as are truncated and hasFinal. */
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  /** One where same-step autoreset ended an episode: then the row has final values. */
  readonly hasFinal: Uint8Array;
  /** Indices into `phases`. */
  readonly phase: Uint8Array;
  /** Schema and values of the infos: see info-table.ts. */
  readonly info: InfoRows;
  readonly finalInfo: InfoRows;
  /** Undefined: the space has other members than Boxes, and its values go by message. */
  readonly actions: readonly Value[] | undefined;
  readonly observations: readonly Value[] | undefined;
  readonly finalObservations: readonly Value[] | undefined;
  /** Seeds of the resets that a seeded step brings. */
  readonly nextSeeds: BigUint64Array;
  /** All of the above as bytes, for hosts that share no memory. */
  readonly regions: RowRegions;
}

/** What travels together. */
export interface RowRegions {
  readonly actions: Uint8Array;
  readonly nextSeeds: Uint8Array;
  /** Observations, rewards, flags, phases, and which infos there are. */
  readonly state: Uint8Array;
  /** Values of the infos. */
  readonly infos: Uint8Array;
  readonly finals: Uint8Array;
}

export interface InfoRows {
  readonly schema: Uint8Array;
  readonly values: readonly Float64Array[];
}

export interface RowShape {
  readonly count: number;
  readonly observationSpace: Space;
  readonly actionSpace: Space;
}

export function rowsByteLength(shape: RowShape): number {
  const arena = new Arena();
  layOut(shape, arena);
  return arena.byteLength;
}

/** The same views of the same memory wherever it is shared. */
export function rowsIn(memory: ArrayBufferLike, shape: RowShape): SharedRows {
  return layOut(shape, new Arena(memory));
}

/** Region after region: the order in which they are taken from the arena. */
function layOut({ count, observationSpace, actionSpace }: RowShape, arena: Arena): SharedRows {
  const boxes = (space: Space) => (hasBoxRows(space) ? takeBoxRows(space, count, arena) : undefined);
  const region = <T>(take: () => T): readonly [T, Uint8Array] => {
    const start = arena.byteLength;
    const taken = take();
    return [taken, arena.bytesFrom(start)];
  };
  const [actions, actionBytes] = region(() => boxes(actionSpace));
  const [nextSeeds, seedBytes] = region(() => arena.take('uint64', count));
  const [state, stateBytes] = region(() => ({
    observations: boxes(observationSpace),
    rewards: arena.take('float64', count),
    terminated: arena.take('uint8', count),
    truncated: arena.take('uint8', count),
    hasFinal: arena.take('uint8', count),
    phase: arena.take('uint8', count),
    schema: arena.take('uint8', count),
    finalSchema: arena.take('uint8', count),
  }));
  const [values, infoBytes] = region(() => infoValues(count, arena));
  const [final, finalBytes] = region(() => ({
    observations: boxes(observationSpace),
    values: infoValues(count, arena),
  }));
  const { schema, finalSchema, ...rest } = state;
  return {
    ...rest,
    actions,
    nextSeeds,
    finalObservations: final.observations,
    info: { schema, values },
    finalInfo: { schema: finalSchema, values: final.values },
    regions: {
      actions: actionBytes,
      nextSeeds: seedBytes,
      state: stateBytes,
      infos: infoBytes,
      finals: finalBytes,
    },
  };
}

function infoValues(count: number, arena: Arena): readonly Float64Array[] {
  const values = arena.take('float64', count * maxInfoValues);
  return Array.from({ length: count }, (_, i) => values.subarray(i * maxInfoValues, (i + 1) * maxInfoValues));
}
