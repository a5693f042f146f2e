/** Models in memory, shared between the simulations that run on them. */
import { GymwireError } from '@gymwire/protocol';
import type { MjModel } from '@mujoco/mujoco';
import { loadCompiled } from './compile-model.ts';
import { CompiledModels, type CompileText, isSameText } from './compiled-models.ts';
import type { ModelLease } from './model-lease.ts';
import { type ModelSource, MujocoModel, type XmlModel } from './mujoco-model.ts';
import type { MujocoModule } from './mujoco-module.ts';
import type { XmlText } from './xml-text.ts';

interface Entry {
  readonly source: ModelSource;
  readonly module: MujocoModule;
  readonly model: MujocoModel;
  readonly raw: MjModel;
  leases: number;
}

const noFiles = {};
const maxCompiledBytes = 64 * 2 ** 20;

export class ModelStore {
  readonly #load: () => Promise<MujocoModule>;
  readonly #compiledModels: CompiledModels;
  readonly #entries: Entry[] = [];

  /** @param load MuJoCo, always the same */
  constructor(load: () => Promise<MujocoModule>, compile: CompileText) {
    this.#load = load;
    this.#compiledModels = new CompiledModels(maxCompiledBytes, compile);
  }

  /**
   * @throws GymwireError ENV_FAILED with MuJoCo's message, which names the element and the line; INVALID_ARGUMENT for
   *   what is no source
   */
  async lease(source: ModelSource): Promise<ModelLease> {
    let entry = this.#find(source);
    if (entry === undefined) {
      const [module, compiled] = await Promise.all([this.#load(), this.#compiledOf(source)]);
      // Somebody else may have entered it meanwhile.
      entry = this.#find(source) ?? this.#enter(module, source, compiled);
    }
    return this.#share(entry);
  }

  #share(entry: Entry): ModelLease {
    const { module, model, raw } = entry;
    entry.leases += 1;
    let released = false;
    return {
      module,
      model,
      raw,
      release: () => {
        if (released) return;
        released = true;
        entry.leases -= 1;
        if (entry.leases > 0) return;
        this.#entries.splice(this.#entries.indexOf(entry), 1);
        raw.delete();
      },
    };
  }

  async #compiledOf(source: ModelSource): Promise<Uint8Array> {
    const { name = 'model' } = source;
    if ('compiled' in source !== 'xml' in source) {
      return 'compiled' in source ? source.compiled : this.#compiledModels.get(name, textOf(source));
    }
    throw new GymwireError(
      'INVALID_ARGUMENT',
      `${name}: expected a model's xml, or what readMujocoModel gave`,
      {
        details: { model: name },
      },
    );
  }

  #enter(module: MujocoModule, source: ModelSource, compiled: Uint8Array): Entry {
    const { name = 'model', arenaBytes } = source;
    const raw = loadCompiled(module, compiled, name);
    if (arenaBytes !== undefined) raw.narena = arenaBytes;
    const model = new MujocoModel({ module, model: raw }, name);
    const entry = { source, module, model, raw, leases: 0 };
    this.#entries.push(entry);
    return entry;
  }

  #find(source: ModelSource): Entry | undefined {
    return this.#entries.find((entry) => isSame(entry.source, source));
  }
}

function isSame(a: ModelSource, b: ModelSource): boolean {
  if (a.arenaBytes !== b.arenaBytes || a.name !== b.name) return false;
  if ('compiled' in a) return 'compiled' in b && a.compiled === b.compiled;
  return !('compiled' in b) && isSameText(textOf(a), textOf(b));
}

function textOf({ xml, files = noFiles }: XmlModel): XmlText {
  return { xml, files };
}
