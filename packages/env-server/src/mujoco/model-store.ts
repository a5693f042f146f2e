/** Models in memory, shared between the simulations that run on them. */
import { GymwireError } from '@gymwire/protocol';
import type { MjModel } from '@mujoco/mujoco';
import { loadCompiled, type XmlText } from './compile-model.ts';
import { CompiledModels, isSameText } from './compiled-models.ts';
import { type ModelSource, MujocoModel, type XmlModel } from './mujoco-model.ts';
import { loadMujoco, type MujocoModule } from './mujoco-module.ts';

/** One simulation's share of a model. */
export interface ModelLease {
  readonly module: MujocoModule;
  readonly model: MujocoModel;
  readonly raw: MjModel;
  /** The last share to be released frees the model. */
  release(): void;
}

interface Entry {
  readonly source: ModelSource;
  readonly module: MujocoModule;
  readonly model: MujocoModel;
  readonly raw: MjModel;
  leases: number;
}

const entries: Entry[] = [];
const compiledModels = new CompiledModels(64 * 2 ** 20);
const noFiles = {};

/**
 * @throws GymwireError ENV_FAILED with MuJoCo's message, which names the element and the line; INVALID_ARGUMENT for
 *   what is no source
 */
export async function leaseModel(source: ModelSource): Promise<ModelLease> {
  let entry = find(source);
  if (entry === undefined) {
    const [module, compiled] = await Promise.all([loadMujoco(), compiledOf(source)]);
    // Somebody else may have entered it meanwhile.
    entry = find(source) ?? enter(module, source, compiled);
  }
  return share(entry);
}

function share(entry: Entry): ModelLease {
  const { module, model, raw } = entry;
  entry.leases += 1;
  let released = false;
  return {
    module,
    model,
    raw,
    release() {
      if (released) return;
      released = true;
      entry.leases -= 1;
      if (entry.leases > 0) return;
      entries.splice(entries.indexOf(entry), 1);
      raw.delete();
    },
  };
}

async function compiledOf(source: ModelSource): Promise<Uint8Array> {
  const { name = 'model' } = source;
  if ('compiled' in source !== 'xml' in source) {
    return 'compiled' in source ? source.compiled : compiledModels.get(name, textOf(source));
  }
  throw new GymwireError(
    'INVALID_ARGUMENT',
    `${name}: expected a model's xml, or what readMujocoModel gave`,
    {
      details: { model: name },
    },
  );
}

function enter(module: MujocoModule, source: ModelSource, compiled: Uint8Array): Entry {
  const { name = 'model', arenaBytes } = source;
  const raw = loadCompiled(module, compiled, name);
  if (arenaBytes !== undefined) raw.narena = arenaBytes;
  const model = new MujocoModel({ module, model: raw }, name);
  const entry = { source, module, model, raw, leases: 0 };
  entries.push(entry);
  return entry;
}

function find(source: ModelSource): Entry | undefined {
  return entries.find((entry) => isSame(entry.source, source));
}

function isSame(a: ModelSource, b: ModelSource): boolean {
  if (a.arenaBytes !== b.arenaBytes || a.name !== b.name) return false;
  if ('compiled' in a) return 'compiled' in b && a.compiled === b.compiled;
  return !('compiled' in b) && isSameText(textOf(a), textOf(b));
}

function textOf({ xml, files = noFiles }: XmlModel): XmlText {
  return { xml, files };
}
