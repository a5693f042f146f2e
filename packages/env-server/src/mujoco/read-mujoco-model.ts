import { readFile } from 'node:fs/promises';
import { dirname, posix, resolve } from 'node:path';
import { GymwireError } from '@gymwire/protocol';
import type { ModelSource } from './mujoco-model.ts';

/** file, and the six of cube textures. */
const fileAttribute = /\bfile(?:right|left|up|down|front|back)?\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const folderAttribute = /\b(?:meshdir|texturedir|assetdir)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/**
 * A model from a file, with the meshes, textures and other XML that it names, wherever they lie: the path is to
 * come from whoever runs the server, never from the wire. What is named and not there is MuJoCo's to complain of.
 *
 * @throws GymwireError INVALID_ARGUMENT when the file cannot be read
 */
export async function readMujocoModel(path: string): Promise<ModelSource> {
  const folder = dirname(resolve(path));
  const xml = (await tryRead(resolve(path)))?.toString('utf8');
  if (xml === undefined) {
    throw new GymwireError('INVALID_ARGUMENT', `cannot read the model file ${path}`, { details: { path } });
  }
  const files: Record<string, Uint8Array> = {};
  await readNamed(xml, folder, [''], files);
  return { xml, files, name: path };
}

/** @param places folders, relative to the model's, in which named files may lie */
async function readNamed(
  xml: string,
  folder: string,
  places: readonly string[],
  files: Record<string, Uint8Array>,
): Promise<void> {
  const found = [...new Set([...places, ...valuesOf(xml, folderAttribute)])];
  for (const name of valuesOf(xml, fileAttribute)) {
    for (const place of found) {
      // Written as MuJoCo asks for it: an absolute name stays, folders go before all others.
      const key = place === '' ? name : posix.join(place, name);
      if (Object.hasOwn(files, key)) break;
      const bytes = await tryRead(resolve(folder, key));
      if (bytes === undefined) continue;
      files[key] = bytes;
      if (/\.(xml|mjcf|urdf)$/i.test(name)) {
        await readNamed(bytes.toString('utf8'), folder, [...found, posix.dirname(key)], files);
      }
      break;
    }
  }
}

function valuesOf(xml: string, attribute: RegExp): string[] {
  const text = xml.replaceAll(/<!--[\s\S]*?-->/g, '');
  return Array.from(text.matchAll(attribute), ([, double, single]) => double ?? single ?? '');
}

async function tryRead(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch {
    return undefined;
  }
}
