/** XML → MuJoCo's compiled form, and from there into memory. */
import { GymwireError } from '@gymwire/protocol';
import type { MjModel } from '@mujoco/mujoco';
import { givenFiles, type ModelFiles } from './model-files.ts';
import { mountFiles } from './mounted-files.ts';
import type { MujocoModule } from './mujoco-module.ts';
import type { XmlText } from './xml-text.ts';

/** Where MuJoCo starts to read. */
export interface ModelPlace {
  readonly main: string;
  /** The folder that is current. */
  readonly folder: string;
  readonly files: ModelFiles;
}

/** Deep, so that "../" leads somewhere. */
const textFolder = '/model'.repeat(8);
/** No include has this name. */
const textName = 'the model.xml';
/** In MuJoCo's own file system, which is in memory. */
const binary = '/model.mjb';

/** A text and its files, laid out in memory: nothing is read from a disk. */
export function placeOfText({ xml, files }: XmlText): ModelPlace {
  const all = { ...files, [textName]: new TextEncoder().encode(xml) };
  return { main: textName, folder: textFolder, files: givenFiles(all, textFolder) };
}

/**
 * The compiled model, as MuJoCo writes it (mjb).
 * @param name what errors call it
 * @throws GymwireError ENV_FAILED with MuJoCo's message, which names the element and the line; INVALID_ARGUMENT for
 *   files that cannot be read
 */
export function compileModel(module: MujocoModule, name: string, place: ModelPlace): Uint8Array<ArrayBuffer> {
  const model = loadXml(module, name, place);
  try {
    module.mj_saveModel(model, binary, null);
    return module.FS.readFile(binary) as Uint8Array<ArrayBuffer>;
  } finally {
    model.delete();
    module.FS.unlink(binary);
  }
}

/** @throws GymwireError ENV_FAILED when the bytes are no model of this version of MuJoCo */
export function loadCompiled(module: MujocoModule, compiled: Uint8Array, name: string): MjModel {
  const storage = new module.MjVFS();
  module.FS.writeFile(binary, compiled, { canOwn: true });
  try {
    return module.MjModel.from_binary_path(binary, storage);
  } catch (error) {
    throw loadingError(name, error);
  } finally {
    storage.delete();
    module.FS.unlink(binary);
  }
}

function loadXml(module: MujocoModule, name: string, { main, folder, files }: ModelPlace): MjModel {
  const mounted = mountFiles(module, files, folder);
  let model: MjModel;
  try {
    model = module.MjModel.from_xml_path(main);
  } catch (error) {
    throw mounted.refusal === undefined ? loadingError(name, error) : refused(name, mounted.refusal);
  } finally {
    mounted.unmount();
  }
  if (mounted.refusal === undefined) return model;
  model.delete();
  throw refused(name, mounted.refusal);
}

function refused(name: string, { code, message, details }: GymwireError): GymwireError {
  return new GymwireError(code, `${name}: ${message}`, { details });
}

function loadingError(name: string, error: unknown): GymwireError {
  const message = `${name}: MuJoCo cannot load this model: ${mujocoMessage(error)}`;
  return new GymwireError('ENV_FAILED', message, { details: { model: name }, cause: error });
}

/** "MuJoCo Error: Loading error: XML Error: …\nElement 'geom', line 2\n" on one line, without the first words. */
function mujocoMessage(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error))
    .replace(/^(MuJoCo Error: |Loading error: )+/, '')
    .trim()
    .replaceAll(/\s*\n\s*/g, ', ');
  if (!/\bplugin\b.*\bnot found\b/.test(text)) return text;
  return `${text}. MuJoCo's WebAssembly build, which runs here, has no plugins; native MuJoCo, as bridges/python serves it, has some`;
}
