/** The host's end of the shared rows: carries out calls on its environments and writes down what came. */

import { type MaybePromise } from '@gymwire/env';
import {
  chain,
  mapAll,
  type PortableValue,
  packError,
  packValue,
  unpackDict,
  unpackValue,
} from '@gymwire/env/host';
import type { Info, ResetResult, Value } from '@gymwire/protocol';
import type { EnvSlot } from '../slots/env-slot.ts';
import type { ReplyBudget } from '../slots/reply-budget.ts';
import type { SlotStep } from '../slots/slot-step.ts';
import { copyRow, writeRow } from './box-rows.ts';
import type { HostReply, RowFault, RowMessage, RowReset } from './host-messages.ts';
import { InfoWriter, infoByMessage } from './info-table.ts';
import { type InfoRows, phases, type SharedRows } from './shared-rows.ts';

export class RowWriter {
  readonly #slots: readonly EnvSlot[];
  /** Index in the session of the first slot. */
  readonly #first: number;
  readonly #rows: SharedRows;
  readonly #infos = new InfoWriter();
  readonly #budget: ReplyBudget;
  #messages: RowMessage[] = [];
  #faults: RowFault[] = [];

  constructor(slots: readonly EnvSlot[], first: number, rows: SharedRows, budget: ReplyBudget) {
    this.#slots = slots;
    this.#first = first;
    this.#rows = rows;
    this.#budget = budget;
  }

  /**
   * @param nextSeeds one for each environment of the session
   * @param actions those that no shared row can hold
   */
  step(nextSeeds?: BigUint64Array, actions?: readonly PortableValue[]): MaybePromise<HostReply | undefined> {
    return this.#all((slot, index, i) => {
      const action = actions === undefined ? this.#actionOf(index) : unpackValue(actions[i]);
      return chain(slot.step(action, nextSeeds), (step) => this.#writeStep(index, step));
    });
  }

  reset(resets: readonly RowReset[]): MaybePromise<HostReply | undefined> {
    return this.#all((slot, index) => {
      const request = resets.find((reset) => reset.index === index);
      if (request === undefined) return undefined;
      const options = request.options === undefined ? undefined : unpackDict(request.options);
      return chain(slot.reset(request.seed, options), (result) => this.#writeReset(index, result));
    });
  }

  /** Every slot's turn comes, whatever becomes of the others. */
  #all(
    call: (slot: EnvSlot, index: number, i: number) => MaybePromise<void>,
  ): MaybePromise<HostReply | undefined> {
    this.#budget.renew();
    const calls = mapAll(this.#slots.length, (i) => {
      const index = this.#first + i;
      const failed = (thrown: unknown) => void this.#faults.push({ index, error: packError(thrown) });
      try {
        const over = call(this.#slots[i], index, i);
        return over instanceof Promise ? over.catch(failed) : over;
      } catch (thrown) {
        return failed(thrown);
      }
    });
    return chain(calls, () => this.#reply());
  }

  #reply(): HostReply | undefined {
    for (const [i, slot] of this.#slots.entries()) {
      this.#rows.phase[this.#first + i] = phases.indexOf(slot.phase);
    }
    const newSchemas = this.#infos.takeNew();
    const [messages, faults] = [this.#messages, this.#faults];
    if (newSchemas.length + messages.length + faults.length === 0) return undefined;
    this.#messages = [];
    this.#faults = [];
    return { newSchemas, messages, faults };
  }

  /** A copy: the environment may keep its action, and the row is written again. */
  #actionOf(index: number): Value {
    const row = this.#rows.actions?.[index];
    return row === undefined ? null : copyRow(row);
  }

  #writeStep(index: number, { observation, reward, terminated, truncated, info, final }: SlotStep): void {
    const rows = this.#rows;
    rows.rewards[index] = reward;
    rows.terminated[index] = Number(terminated);
    rows.truncated[index] = Number(truncated);
    rows.hasFinal[index] = Number(final !== undefined);
    const own = this.#writeState(index, { observation, info });
    if (final === undefined) return this.#send(index, own);
    const finalObservation = writeObservation(rows.finalObservations, index, final.observation);
    const finalInfo = this.#writeInfo(rows.finalInfo, index, final.info);
    this.#send(index, {
      ...own,
      ...(finalObservation === undefined ? {} : { finalObservation }),
      ...(finalInfo === undefined ? {} : { finalInfo }),
    });
  }

  #writeReset(index: number, result: ResetResult): void {
    this.#send(index, this.#writeState(index, result));
  }

  /** @returns what does not fit the row, if there is such */
  #writeState(index: number, result: ResetResult): Omit<RowMessage, 'index'> | undefined {
    const observation = writeObservation(this.#rows.observations, index, result.observation);
    const info = this.#writeInfo(this.#rows.info, index, result.info);
    if (observation === undefined && info === undefined) return undefined;
    return {
      ...(observation === undefined ? {} : { observation }),
      ...(info === undefined ? {} : { info }),
    };
  }

  #writeInfo(rows: InfoRows, index: number, info: Info): PortableValue | undefined {
    const schema = this.#infos.write(info, rows.values[index]);
    rows.schema[index] = schema;
    return schema === infoByMessage ? packValue(info) : undefined;
  }

  #send(index: number, parts: Omit<RowMessage, 'index'> | undefined): void {
    if (parts !== undefined && Object.keys(parts).length > 0) this.#messages.push({ index, ...parts });
  }
}

function writeObservation(
  rows: readonly Value[] | undefined,
  index: number,
  observation: Value,
): PortableValue | undefined {
  if (rows === undefined) return packValue(observation);
  writeRow(rows[index], observation);
  return undefined;
}
