/** The session's end of the shared rows: what the threads wrote, as in-process environments would have returned it. */
import { GymwireError, type Info, type Value } from '@gymwire/protocol';
import type { SlotStep } from '../session/env-slot.ts';
import { emptyInfo, InfoReader, infoByMessage } from './info-table.ts';
import { type PortableValue, unpackDict, unpackError, unpackValue } from './portable.ts';
import type { InfoRows, SharedRows } from './shared-rows.ts';
import type { RowFault, RowMessage, ThreadReply } from './thread-messages.ts';

const noInfo: Info = {};

export class RowReader {
  readonly #rows: SharedRows;
  /** By thread. */
  readonly #infos: readonly InfoReader[];
  readonly #threadOf: (index: number) => number;
  /** By environment; of the last call. */
  #messages = new Map<number, RowMessage>();

  constructor(rows: SharedRows, threads: number, threadOf: (index: number) => number) {
    this.#rows = rows;
    this.#infos = Array.from({ length: threads }, () => new InfoReader());
    this.#threadOf = threadOf;
  }

  /**
   * @param replies by thread
   * @returns the faults, by ascending index
   */
  take(replies: ReadonlyArray<ThreadReply | undefined>): readonly RowFault[] {
    if (this.#messages.size > 0) this.#messages = new Map();
    const faults: RowFault[] = [];
    for (const [thread, reply] of replies.entries()) {
      if (reply === undefined) continue;
      this.#infos[thread].add(reply.newSchemas ?? []);
      for (const message of reply.messages ?? []) this.#messages.set(message.index, message);
      faults.push(...(reply.faults ?? []));
    }
    return faults;
  }

  step(index: number): SlotStep {
    const rows = this.#rows;
    const step = {
      observation: this.observation(index),
      reward: rows.rewards[index],
      terminated: rows.terminated[index] === 1,
      truncated: rows.truncated[index] === 1,
      info: this.info(index),
    };
    if (rows.hasFinal[index] === 0) return step;
    const message = this.#messages.get(index);
    const final = {
      observation: rows.finalObservations?.[index] ?? unpackPresent(message?.finalObservation),
      info: this.#readInfo(rows.finalInfo, index, message?.finalInfo),
    };
    return { ...step, final };
  }

  /** The row itself, or what came by message. */
  observation(index: number): Value {
    return this.#rows.observations?.[index] ?? unpackPresent(this.#messages.get(index)?.observation);
  }

  info(index: number): Info {
    return this.#readInfo(this.#rows.info, index, this.#messages.get(index)?.info);
  }

  #readInfo({ schema, values }: InfoRows, index: number, message: PortableValue | undefined): Info {
    if (schema[index] === emptyInfo) return noInfo;
    if (schema[index] === infoByMessage) return unpackDict(present(message));
    return this.#infos[this.#threadOf(index)].read(schema[index], values[index]);
  }
}

/** @throws the first fault, as the environment threw it */
export function throwFault(faults: readonly RowFault[]): void {
  if (faults[0] !== undefined) throw unpackError(faults[0].error);
}

function unpackPresent(packed: PortableValue | undefined): Value {
  return unpackValue(present(packed));
}

function present(packed: PortableValue | undefined): PortableValue {
  if (packed === undefined) throw new GymwireError('INTERNAL', 'a thread did not send what it announced');
  return packed;
}
