/** The packages as a stranger gets them: packed, and installed into a folder of their own. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGES, ROOT, runNpm } from '../../scripts/tools.mjs';

export async function npm(cwd: string, args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await runNpm(args, { cwd, capture: true });
  if (code !== 0) throw new Error(`npm ${args[0]} failed:\n${stdout}${stderr}`);
}

/** Packs every package into a folder. */
export async function packPackages(tarballs: string): Promise<void> {
  const folders = PACKAGES.map((name) => join(ROOT, 'packages', name));
  await npm(ROOT, ['pack', '--ignore-scripts', '--pack-destination', tarballs, ...folders]);
}

/** Without install scripts, as the README says, and from npm's cache where it can. */
export async function installPacked(
  folder: string,
  tarballs: string,
  names: readonly string[],
): Promise<void> {
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  const files = readdirSync(tarballs)
    .filter((file) => names.some((name) => file.startsWith(`gymwire-${name}-0`)))
    .map((file) => join(tarballs, file));
  if (files.length !== names.length) throw new Error(`${names.join(', ')}: packed are ${files.join(', ')}`);
  await npm(folder, ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', ...files]);
}
