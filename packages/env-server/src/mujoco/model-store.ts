/** Compiled models, shared between the simulations that run on them: compiling takes 10 ms and half a megabyte. */
import { GymwireError } from '@gymwire/protocol';
import type { MjModel } from '@mujoco/mujoco';
import { type ModelSource, MujocoModel } from './mujoco-model.ts';
import type { MujocoModule } from './mujoco-module.ts';

/** One simulation's share of a model. */
export interface ModelLease {
  readonly model: MujocoModel;
  /** The last share to be released frees the model. */
  release(): void;
}

interface Entry {
  readonly source: ModelSource;
  readonly model: MujocoModel;
  leases: number;
}

const entries: Entry[] = [];

/** @throws GymwireError ENV_FAILED with MuJoCo's message, which names the element and the line */
export function leaseModel(module: MujocoModule, source: ModelSource): ModelLease {
  const entry = entries.find((candidate) => isSame(candidate.source, source)) ?? enter(module, source);
  entry.leases += 1;
  let released = false;
  return {
    model: entry.model,
    release() {
      if (released) return;
      released = true;
      entry.leases -= 1;
      if (entry.leases > 0) return;
      entries.splice(entries.indexOf(entry), 1);
      entry.model.raw.delete();
    },
  };
}

function enter(module: MujocoModule, source: ModelSource): Entry {
  const raw = compile(module, source);
  if (source.arenaBytes !== undefined) raw.narena = source.arenaBytes;
  const entry = { source, model: new MujocoModel(module, raw, source.name ?? 'model'), leases: 0 };
  entries.push(entry);
  return entry;
}

function isSame(a: ModelSource, b: ModelSource): boolean {
  return a.xml === b.xml && a.files === b.files && a.arenaBytes === b.arenaBytes && a.name === b.name;
}

function compile(module: MujocoModule, { xml, files = {}, name = 'model' }: ModelSource): MjModel {
  const storage = new module.MjVFS();
  try {
    for (const [path, bytes] of Object.entries(files)) storage.addBuffer(path, bytes);
    return module.MjModel.from_xml_string(xml, storage);
  } catch (error) {
    const message = mujocoMessage(error);
    throw new GymwireError('ENV_FAILED', `${name}: MuJoCo cannot load this model: ${message}`, {
      details: { model: name },
      cause: error,
    });
  } finally {
    storage.delete();
  }
}

/** "MuJoCo Error: Loading error: XML Error: …\nElement 'geom', line 2\n" on one line, without the first words. */
function mujocoMessage(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .replace(/^(MuJoCo Error: |Loading error: )+/, '')
    .trim()
    .replaceAll(/\s*\n\s*/g, ', ');
}
