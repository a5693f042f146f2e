/** What MuJoCo warned of: it goes on without an error, mostly after putting the simulation back to its initial state. */

import { tellOperator } from '@gymwire/env/host';
import type { MjData } from '@mujoco/mujoco';
import { heapView } from './heap-view.ts';
import type { MujocoModule } from './mujoco-module.ts';
import { warningKinds as kinds, type WarningCounts, type WarningKind } from './warning-kinds.ts';

/** What MuJoCo does after it, beside its own text. */
const consequences: Readonly<Record<WarningKind, string>> = {
  inertia: '',
  contact_full: ' Contacts were left out.',
  constraint_full: ' Its memory is full: constraints were left out.',
  bad_qpos: ' MuJoCo puts such a simulation back to its initial state, unless the model turns autoreset off.',
  bad_qvel: ' MuJoCo puts such a simulation back to its initial state, unless the model turns autoreset off.',
  bad_qacc: ' MuJoCo puts such a simulation back to its initial state, unless the model turns autoreset off.',
  bad_ctrl: ' MuJoCo takes 0 for all controls then.',
};

/**
 * The counters of mjData, which MuJoCo clears in mid-episode when it resets a simulation: they are taken out after each
 * physics step. Reading them where they lie in memory costs nothing; MuJoCo's own accessors take 5 µs a step.
 */
export class SimulationWarnings {
  readonly #module: MujocoModule;
  readonly #data: MjData;
  readonly #model: string;
  /** [kinds, 2]: mjWarningStat's lastinfo and number. */
  #stats: Int32Array;
  #counts: WarningCounts | undefined;
  /** Kinds that the operator has been told of by this simulation; whoever hears it knows what others told. */
  readonly #told = new Set<WarningKind>();

  /** @param model what the operator is to be told that it is about */
  constructor(module: MujocoModule, data: MjData, model: string) {
    this.#module = module;
    this.#data = data;
    this.#model = model;
    this.#stats = statsOf(data);
    checkLayout(module, data, this.#stats);
  }

  /** Since the last `clear`; undefined: none. */
  get counts(): WarningCounts | undefined {
    return this.#counts;
  }

  clear(): void {
    this.#counts = undefined;
  }

  /** To be called after whatever MuJoCo computes. */
  collect(): void {
    // Memory that has grown leaves old views behind, empty.
    if (this.#stats.length === 0) this.#stats = statsOf(this.#data);
    const stats = this.#stats;
    for (let kind = 0; kind < kinds.length; kind++) {
      const number = stats[2 * kind + 1];
      if (number === 0) continue;
      stats[2 * kind + 1] = 0;
      this.#count(kind, number, stats[2 * kind]);
    }
  }

  #count(kind: number, number: number, lastInfo: number): void {
    const name = kinds[kind];
    this.#counts = { ...this.#counts, [name]: (this.#counts?.[name] ?? 0n) + BigInt(number) };
    if (this.#told.has(name)) return;
    this.#told.add(name);
    const text = name === 'constraint_full' ? '' : this.#module.mju_warningText(kind, lastInfo);
    tellOperator({
      source: this.#model,
      kind: 'mujoco',
      where: name,
      message: `${this.#model}: MuJoCo warns: ${`${text}${consequences[name]}`.trim()} This is told once an hour; infos count it`,
      fields: { model: this.#model, warning: name },
    });
  }
}

/** `warning` follows `solver_fwdinv` in mjData. */
function statsOf(data: MjData): Int32Array {
  const before = heapView(data, 'solver_fwdinv');
  return new Int32Array(before.buffer, before.byteOffset + before.byteLength, 2 * kinds.length);
}

const checked = new WeakSet<MujocoModule>();

/** Another version of MuJoCo may lay mjData out otherwise: what its accessors write must be what is read here. */
function checkLayout(module: MujocoModule, data: MjData, stats: Int32Array): void {
  if (checked.has(module)) return;
  const accessors = data.warning;
  const stat = new module.MjWarningStat();
  const write = (numbers: (i: number) => number) => {
    for (let kind = 0; kind < accessors.size(); kind++) {
      stat.lastinfo = numbers(2 * kind);
      stat.number = numbers(2 * kind + 1);
      accessors.set(kind, stat);
    }
  };
  write((i) => i + 1);
  const isRead = accessors.size() === kinds.length && stats.every((value, i) => value === i + 1);
  write(() => 0);
  stat.delete();
  if (!isRead) throw new TypeError('this version of MuJoCo keeps its warnings elsewhere in mjData');
  checked.add(module);
}
