/** The session's end of the shared rows: what the hosts wrote, as in-process environments would have returned it. */

import { type PortableValue, unpackDict, unpackError, unpackValue } from '@gymwire/env/host';
import { GymwireError, type Info, type Value } from '@gymwire/protocol';
import type { SlotStep } from '../slots/slot-step.ts';
import { copyRow } from './box-rows.ts';
import type { HostReply, RowFault, RowMessage } from './host-messages.ts';
import { emptyInfo, InfoReader, infoByMessage } from './info-table.ts';
import type { InfoRows, SharedRows } from './shared-rows.ts';

const noInfo: Info = {};

export class RowReader {
  readonly #rows: SharedRows;
  /** By host. */
  readonly #infos: readonly InfoReader[];
  readonly #hostOf: (index: number) => number;
  /** By environment; of the last call. */
  #messages = new Map<number, RowMessage>();

  constructor(rows: SharedRows, hosts: number, hostOf: (index: number) => number) {
    this.#rows = rows;
    this.#infos = Array.from({ length: hosts }, () => new InfoReader());
    this.#hostOf = hostOf;
  }

  /**
   * @param replies by host
   * @returns the faults, by ascending index
   */
  take(replies: ReadonlyArray<HostReply | undefined>): readonly RowFault[] {
    if (this.#messages.size > 0) this.#messages = new Map();
    const faults: RowFault[] = [];
    for (const [host, reply] of replies.entries()) {
      if (reply === undefined) continue;
      this.#infos[host].add(reply.newSchemas ?? []);
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

  /**
   * The row itself, or what came by message. That of a single environment is copied: no batch will do it, and its
   * row may change, with the next call, before the reply is written.
   */
  observation(index: number): Value {
    const { observations } = this.#rows;
    if (observations === undefined) return unpackPresent(this.#messages.get(index)?.observation);
    return observations.length === 1 ? copyRow(observations[index]) : observations[index];
  }

  info(index: number): Info {
    return this.#readInfo(this.#rows.info, index, this.#messages.get(index)?.info);
  }

  #readInfo({ schema, values }: InfoRows, index: number, message: PortableValue | undefined): Info {
    if (schema[index] === emptyInfo) return noInfo;
    if (schema[index] === infoByMessage) return unpackDict(present(message));
    return this.#infos[this.#hostOf(index)].read(schema[index], values[index]);
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
  if (packed === undefined) throw new GymwireError('INTERNAL', 'a host did not send what it announced');
  return packed;
}
