import { GymwireError } from '@gymwire/protocol';
import type { MjModel } from '@mujoco/mujoco';
import { heapView } from './heap-view.ts';
import type { MujocoModule } from './mujoco-module.ts';

/** A model's text, or what `readMujocoModel` made of a file. */
export type ModelSource = XmlModel | CompiledModel;

/** A model in MuJoCo's XML format. */
export interface XmlModel extends ModelSettings {
  /** MJCF (or URDF) text. */
  readonly xml: string;
  /**
   * What the XML names (meshes, textures, other XML), by exactly the path at which MuJoCo looks for it from the XML's
   * folder: meshdir and the like go before it. Not to be changed afterwards; nothing is read from the disk.
   */
  readonly files?: Readonly<Record<string, Uint8Array>>;
}

export interface CompiledModel extends ModelSettings {
  /** MuJoCo's binary format (mjb), of the version that runs here. */
  readonly compiled: Uint8Array;
}

interface ModelSettings {
  /** What errors call the model, such as its path. */
  readonly name?: string;
  /** Bytes for contacts and the solver of each simulation; MuJoCo's default is up to 15 MB. */
  readonly arenaBytes?: number;
}

export type NamedObject = 'body' | 'joint' | 'geom' | 'site' | 'actuator' | 'sensor' | 'tendon';

/** A compiled model. Several simulations share it; none of them writes to it. */
export class MujocoModel {
  readonly name: string;
  /** Sizes of qpos, qvel and ctrl, and the number of bodies, the world among them. */
  readonly nq: number;
  readonly nv: number;
  readonly nu: number;
  readonly nbody: number;
  /** Seconds of one physics step. */
  readonly timestep: number;
  /** [nbody], kg. */
  readonly bodyMass: Float64Array;
  /** Shape [nu, 2], lowest and highest control; infinite where the model gives an actuator no range. */
  readonly controlRange: Float64Array;
  readonly #module: MujocoModule;
  readonly #raw: MjModel;

  /**
   * @param objects MuJoCo's own. Its declarations do not stand up to `skipLibCheck: false` and stay out of ours
   */
  constructor(objects: { readonly module: object; readonly model: object }, name: string) {
    const raw = objects.model as MjModel;
    this.#module = objects.module as MujocoModule;
    this.#raw = raw;
    this.name = name;
    this.nq = raw.nq;
    this.nv = raw.nv;
    this.nu = raw.nu;
    this.nbody = raw.nbody;
    const { opt } = raw;
    this.timestep = opt.timestep;
    opt.delete();
    this.bodyMass = heapView(raw, 'body_mass').slice();
    this.controlRange = controlRangeOf(raw);
  }

  /** An `MjModel` of @mujoco/mujoco, for code beside MuJoCo's own functions. */
  get raw(): object {
    return this.#raw;
  }

  /** @throws GymwireError INVALID_ARGUMENT when the model has none of that name */
  idOf(kind: NamedObject, name: string): number {
    const { mjtObj } = this.#module;
    const types = {
      body: mjtObj.mjOBJ_BODY,
      joint: mjtObj.mjOBJ_JOINT,
      geom: mjtObj.mjOBJ_GEOM,
      site: mjtObj.mjOBJ_SITE,
      actuator: mjtObj.mjOBJ_ACTUATOR,
      sensor: mjtObj.mjOBJ_SENSOR,
      tendon: mjtObj.mjOBJ_TENDON,
    } as const;
    const id = this.#module.mj_name2id(this.#raw, types[kind].value, name);
    if (id < 0) {
      throw new GymwireError('INVALID_ARGUMENT', `${this.name}: the model has no ${kind} named ${name}`);
    }
    return id;
  }

  /** @throws GymwireError INVALID_ARGUMENT when the model has fewer bodies; `argument` says whose index it is */
  bodyIndex(index: number, argument: string): number {
    if (Number.isInteger(index) && index >= 0 && index < this.nbody) return index;
    throw new GymwireError(
      'INVALID_ARGUMENT',
      `argument ${argument}: expected a body index of ${this.name} from 0 to ${this.nbody - 1}, got ${index}`,
      { details: { argument } },
    );
  }
}

function controlRangeOf(raw: MjModel): Float64Array {
  const range = heapView(raw, 'actuator_ctrlrange').slice();
  for (let i = 0; i < range.length; i += 2) {
    if (range[i] < range[i + 1]) continue;
    range[i] = Number.NEGATIVE_INFINITY;
    range[i + 1] = Number.POSITIVE_INFINITY;
  }
  return range;
}
