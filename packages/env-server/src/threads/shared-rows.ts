/** What every step carries between the threads of a session, one row an environment. */
import type { Space, Value } from '@gymwire/protocol';
import type { Phase } from '../session/phase.ts';
import { Arena, hasBoxRows, takeBoxRows } from './box-rows.ts';
import { maxInfoValues } from './info-table.ts';

/** In the order of their numbers in `phase`. */
export const phases = ['new', 'running', 'ended', 'failed'] as const satisfies readonly Phase[];

export interface SharedRows {
  readonly rewards: Float64Array;
  /** 0 or 1, as are truncated and hasFinal. */
  readonly terminated: Uint8Array;
  readonly truncated: Uint8Array;
  /** Whether same-step autoreset ended an episode: then the row has final values. */
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

/** The same views of the same memory in every thread. */
export function rowsIn(memory: SharedArrayBuffer, shape: RowShape): SharedRows {
  return layOut(shape, new Arena(memory));
}

function layOut({ count, observationSpace, actionSpace }: RowShape, arena: Arena): SharedRows {
  const boxes = (space: Space) => (hasBoxRows(space) ? takeBoxRows(space, count, arena) : undefined);
  return {
    rewards: arena.take('float64', count),
    terminated: arena.take('uint8', count),
    truncated: arena.take('uint8', count),
    hasFinal: arena.take('uint8', count),
    phase: arena.take('uint8', count),
    info: infoRows(count, arena),
    finalInfo: infoRows(count, arena),
    actions: boxes(actionSpace),
    observations: boxes(observationSpace),
    finalObservations: boxes(observationSpace),
  };
}

function infoRows(count: number, arena: Arena): InfoRows {
  const schema = arena.take('uint8', count);
  const values = arena.take('float64', count * maxInfoValues);
  const rowOf = (i: number) => values.subarray(i * maxInfoValues, (i + 1) * maxInfoValues);
  return { schema, values: Array.from({ length: count }, (_, i) => rowOf(i)) };
}
