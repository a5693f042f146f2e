import { GymwireError } from '@gymwire/protocol';
import type { MjData, MjModel } from '@mujoco/mujoco';
import { heapView } from './heap-view.ts';
import type { ModelLease } from './model-lease.ts';
import type { MujocoModel } from './mujoco-model.ts';
import type { MujocoModule } from './mujoco-module.ts';
import { SimulationWarnings } from './simulation-warnings.ts';
import type { WarningCounts } from './warning-kinds.ts';

const fields = [
  'qpos',
  'qvel',
  'qacc',
  'act',
  'ctrl',
  'mocap_pos',
  'mocap_quat',
  'xfrc_applied',
  'xpos',
  'xquat',
  'xmat',
  'xipos',
  'geom_xpos',
  'geom_xmat',
  'site_xpos',
  'site_xmat',
  'subtree_com',
  'cinert',
  'cvel',
  'cfrc_ext',
  'qfrc_actuator',
  'qfrc_constraint',
  'actuator_force',
  'ten_length',
  'ten_velocity',
  'sensordata',
] as const;

/** MuJoCo's own names (mjData); https://mujoco.readthedocs.io/en/stable/APIreference/APItypes.html#mjdata. */
export type SimulationArrays = { readonly [field in (typeof fields)[number]]: Float64Array };

/** Without @mujoco/mujoco's types, whose declarations do not stand up to `skipLibCheck: false`. */
export interface MujocoObjects {
  readonly module: object;
  readonly model: object;
  readonly data: object;
}

/**
 * A model in motion.
 *
 * `arrays` are live views of MuJoCo's memory: take them anew from `arrays` after every advance and copy what is
 * to last, since memory that grows leaves old views behind, empty.
 */
export class MujocoSimulation {
  readonly model: MujocoModel;
  /** Physics steps of one `advance`. */
  readonly frameSkip: number;
  /** Seconds of one `advance`. */
  readonly timeStep: number;
  readonly #module: MujocoModule;
  readonly #lease: ModelLease;
  readonly #raw: MjModel;
  readonly #data: MjData;
  readonly #warnings: SimulationWarnings;
  #arrays: SimulationArrays;
  #closed = false;

  /** `createSimulation` or `MujocoEngine`; its share of the model is given back when it is closed. */
  constructor(lease: ModelLease, frameSkip: number) {
    const module = lease.module as MujocoModule;
    this.#module = module;
    this.#lease = lease;
    this.#raw = lease.raw as MjModel;
    this.model = lease.model;
    this.frameSkip = frameSkip;
    this.timeStep = lease.model.timestep * frameSkip;
    this.#data = new module.MjData(this.#raw);
    this.#warnings = new SimulationWarnings(module, this.#data, lease.model.name);
    this.#arrays = viewsOf(this.#data);
  }

  /** @throws GymwireError ENV_FAILED when the simulation is closed */
  get arrays(): SimulationArrays {
    // Every model has a world body, so only a detached view is empty.
    if (this.#arrays.xpos.length === 0) this.#arrays = viewsOf(this.#open());
    return this.#arrays;
  }

  /**
   * MuJoCo's own objects, for code that works beside this class, such as a renderer; not to be freed there. By
   * @mujoco/mujoco's types a `MainModule`, an `MjModel` and an `MjData`.
   */
  get raw(): MujocoObjects {
    return { module: this.#module, model: this.#raw, data: this.#open() };
  }

  /**
   * How often MuJoCo warned since the last reset, of a state that was no number above all, after which it has put the
   * simulation back to its initial state; undefined: never. Counters in mjData itself are emptied.
   */
  get warnings(): WarningCounts | undefined {
    return this.#warnings.counts;
  }

  /** To the model's initial state, at rest; without `forward`, so that a state can be written first. */
  reset(): void {
    this.#module.mj_resetData(this.#raw, this.#open());
    this.#warnings.clear();
  }

  /** Computes all that follows from qpos, qvel and ctrl, without letting time pass. */
  forward(): void {
    this.#module.mj_forward(this.#raw, this.#open());
    this.#warnings.collect();
  }

  /**
   * Lets `timeStep` pass under these controls, then computes the contact forces (cfrc_ext). As ever in MuJoCo,
   * what follows from qpos and qvel (xpos, site_xpos, sensordata …) is then one physics step old; `forward` brings
   * it up to date.
   * @param control [nu]; limited actuators clip it
   */
  advance(control: ArrayLike<number>): void {
    const data = this.#open();
    const { ctrl } = this.arrays;
    for (let i = 0; i < ctrl.length; i++) ctrl[i] = control[i];
    const raw = this.#raw;
    for (let i = 0; i < this.frameSkip; i++) {
      this.#module.mj_step(raw, data);
      this.#warnings.collect();
    }
    this.#module.mj_rnePostConstraint(raw, data);
  }

  /** World position of a body's frame, m; a copy. */
  bodyPosition(name: string): Float64Array {
    const id = this.model.idOf('body', name);
    return this.arrays.xpos.slice(3 * id, 3 * id + 3);
  }

  /** World position of a site, m; a copy. */
  sitePosition(name: string): Float64Array {
    const id = this.model.idOf('site', name);
    return this.arrays.site_xpos.slice(3 * id, 3 * id + 3);
  }

  /** Frees the memory; nothing works afterwards. A second close does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#data.delete();
    this.#lease.release();
    this.#arrays = closedArrays;
  }

  #open(): MjData {
    if (this.#closed) throw new GymwireError('ENV_FAILED', `${this.model.name}: the simulation is closed`);
    return this.#data;
  }
}

function viewsOf(data: MjData): SimulationArrays {
  const views = fields.map((field) => [field, heapView(data, field)] as const);
  return Object.fromEntries(views) as SimulationArrays;
}

/** Empty, so that reading them asks for the data anew, which says that the simulation is closed. */
const closedArrays = Object.fromEntries(
  fields.map((field) => [field, new Float64Array(0)]),
) as SimulationArrays;
