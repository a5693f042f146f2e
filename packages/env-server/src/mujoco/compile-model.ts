/** XML → MuJoCo's compiled form, and from there into memory. */
import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import { GymwireError } from '@gymwire/protocol';
import type { MjModel } from '@mujoco/mujoco';
import { givenFiles, hostFiles, type ModelFiles } from './model-files.ts';
import { mountFiles } from './mounted-files.ts';
import type { MujocoModule } from './mujoco-module.ts';

/** What is to be compiled. */
export interface CompileJob {
  /** What errors call the model. */
  readonly name: string;
  readonly source: XmlText | XmlFile;
}

export interface XmlText {
  readonly xml: string;
  /** What the XML names, by its path from the XML's folder. */
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** On the disk, where MuJoCo finds what it names. */
export interface XmlFile {
  readonly path: string;
}

/** Where MuJoCo starts. */
interface Place {
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

/**
 * The compiled model, as MuJoCo writes it (mjb).
 * @throws GymwireError ENV_FAILED with MuJoCo's message, which names the element and the line; INVALID_ARGUMENT for
 *   files that cannot be read
 */
export function compileModel(module: MujocoModule, job: CompileJob): Uint8Array<ArrayBuffer> {
  const model = loadXml(module, job);
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

function loadXml(module: MujocoModule, { name, source }: CompileJob): MjModel {
  const { main, folder, files } = 'path' in source ? onDisk(source) : inMemory(source);
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

function onDisk({ path }: XmlFile): Place {
  const full = resolve(path);
  try {
    accessSync(full, constants.R_OK);
  } catch (cause) {
    throw new GymwireError('INVALID_ARGUMENT', `cannot read the model file ${path}`, {
      details: { path },
      cause,
    });
  }
  if (process.platform !== 'win32') return { main: full, folder: process.cwd(), files: hostFiles() };
  // Emscripten takes "C:/me/arm.xml" for a path from the current folder.
  return { main: full.replaceAll('\\', '/'), folder: '/', files: hostFiles() };
}

function inMemory({ xml, files }: XmlText): Place {
  const all = { ...files, [textName]: new TextEncoder().encode(xml) };
  return { main: textName, folder: textFolder, files: givenFiles(all, textFolder) };
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
