/** A host's share of a session's environments: makes them, then carries out calls, wherever it runs. */

import { type MaybePromise } from '@gymwire/env';
import {
  chain,
  mapAll,
  packError,
  packValue,
  resolveArguments,
  unpackDict,
  unpackValue,
} from '@gymwire/env/host';
import type { Accessed } from '../slots/access-member.ts';
import type { EnvSlot } from '../slots/env-slot.ts';
import { closeSlots, makeSlots } from '../slots/local-envs.ts';
import { ReplyBudget } from '../slots/reply-budget.ts';
import type { HostData, HostReply, HostRequest, PortableAccessed } from './host-messages.ts';
import { importRegistration } from './import-registration.ts';
import { RowWriter } from './row-writer.ts';
import { rowsByteLength, rowsIn, type SharedRows } from './shared-rows.ts';

type Reply = MaybePromise<HostReply | undefined>;

export class EnvHost {
  readonly #data: HostData;
  #slots: readonly EnvSlot[] = [];
  #spaces: HostReply['made'];
  #budget: ReplyBudget;
  #writer: RowWriter | undefined;
  #rows: SharedRows | undefined;

  constructor(data: HostData) {
    this.#data = data;
    this.#budget = new ReplyBudget(data.maxMessageBytes);
  }

  /** Undefined before they are shared. */
  get rows(): SharedRows | undefined {
    return this.#rows;
  }

  /** Never rejects: what fails is in the reply. */
  make(): Promise<HostReply | undefined> {
    return this.#guarded(() => this.#make());
  }

  /** Never throws: faults of single environments are in the reply. @param isSeeded the rows have seeds for resets */
  step(isSeeded: boolean): Reply {
    return this.#present().step(isSeeded ? this.#rows?.nextSeeds : undefined);
  }

  /** Never rejects: what fails is in the reply. */
  carryOut(request: HostRequest): Promise<HostReply | undefined> {
    return this.#guarded(() => this.#carryOut(request));
  }

  /** The client's stream has ended. A fault of one environment keeps it from none. */
  detach(): void {
    for (const slot of this.#slots) slot.detach();
  }

  async #make(): Promise<HostReply> {
    const { envId, module, given, ...rules } = this.#data;
    const registration = await importRegistration(envId, module);
    const plain = unpackDict(given);
    const args = resolveArguments(registration.id, registration.arguments ?? [], plain);
    const { slots, spaces, budget } = await makeSlots({ registration, given: plain, args, ...rules });
    this.#slots = slots;
    this.#spaces = spaces;
    this.#budget = budget;
    return { made: spaces };
  }

  #carryOut(request: HostRequest): Reply {
    switch (request.kind) {
      case 'share':
        return this.#share(request.count, request.memory);
      case 'reset':
        return this.#present().reset(request.resets);
      case 'step':
        return this.#present().step(request.nextSeeds, request.actions);
      case 'render': {
        const frame = this.#slots[request.index - this.#data.first].render();
        return chain(frame, ({ width, height, data }) => ({ frame: { width, height, data: data.slice() } }));
      }
      case 'access':
        return this.#access(request);
      case 'close':
        return closeSlots(this.#slots).then(() => undefined);
    }
  }

  #access({ indices, name, arguments: packed }: Extract<HostRequest, { kind: 'access' }>): Reply {
    const args = packed?.map(unpackValue);
    this.#budget.renew();
    const all = mapAll(indices.length, (i) => this.#slots[indices[i] - this.#data.first].access(name, args));
    return chain(all, (accessed) => ({ accessed: accessed.map(packAccessed) }));
  }

  #share(count: number, shared: SharedArrayBuffer | undefined): undefined {
    if (this.#spaces === undefined) throw new Error('share came before make');
    const shape = { count, ...this.#spaces };
    this.#rows = rowsIn(shared ?? new ArrayBuffer(rowsByteLength(shape)), shape);
    this.#writer = new RowWriter(this.#slots, this.#data.first, this.#rows, this.#budget);
  }

  #present(): RowWriter {
    if (this.#writer === undefined) throw new Error('a call came before share');
    return this.#writer;
  }

  async #guarded(task: () => Reply): Promise<HostReply | undefined> {
    try {
      return await task();
    } catch (thrown) {
      return { faults: [{ index: this.#data.first, error: packError(thrown) }] };
    }
  }
}

function packAccessed({ value, fault }: Accessed): PortableAccessed {
  return fault === undefined ? { value: packValue(value) } : { fault: packError(fault) };
}
