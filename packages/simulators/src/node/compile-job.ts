/** What Node compiles: texts, and files on the disk. */
import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import { GymwireError } from '@gymwire/protocol';
import { compileModel, type ModelPlace, placeOfText } from '../mujoco/compile-model.ts';
import type { MujocoModule } from '../mujoco/mujoco-module.ts';
import type { XmlText } from '../mujoco/xml-text.ts';
import { hostFiles } from './host-files.ts';

export interface CompileJob {
  /** What errors call the model. */
  readonly name: string;
  readonly source: XmlText | XmlFile;
}

/** On the disk, where MuJoCo finds what it names. */
export interface XmlFile {
  readonly path: string;
}

/**
 * @throws GymwireError ENV_FAILED with MuJoCo's message, which names the element and the line; INVALID_ARGUMENT for
 *   files that cannot be read
 */
export function carryOutJob(module: MujocoModule, { name, source }: CompileJob): Uint8Array<ArrayBuffer> {
  return compileModel(module, name, 'path' in source ? placeOnDisk(source) : placeOfText(source));
}

function placeOnDisk({ path }: XmlFile): ModelPlace {
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
