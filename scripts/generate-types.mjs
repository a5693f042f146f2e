// Writes packages/protocol/src/generated from proto/. `npm run check` compares a fresh copy with the committed one.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMain, ROOT, runTool } from './tools.mjs';

export const GENERATED = join(ROOT, 'packages', 'protocol', 'src', 'generated');

/** The loader options of packages/protocol at run time, as flags; the types are wrong if the two differ. */
const LOADER_OPTIONS = ['--longs=String', '--enums=String', '--bytes=Buffer', '--defaults', '--oneofs'];

/** Generates into a folder, which is emptied first. */
export async function generateTypes(outDir) {
  rmSync(outDir, { recursive: true, force: true });
  const result = await runTool(
    '@grpc/proto-loader',
    [
      ...LOADER_OPTIONS,
      '--includeComments',
      '--grpcLib=@grpc/grpc-js',
      '--importFileExtension=.ts',
      `--outDir=${outDir}`,
      '-I',
      'proto',
      '--',
      'gymwire/v1/env_service.proto',
    ],
    { command: 'proto-loader-gen-types', capture: true },
  );
  if (result.code !== 0) throw new Error(`proto-loader-gen-types failed:\n${result.stdout}${result.stderr}`);
  for (const path of listFiles(outDir)) normalize(join(outDir, path));
}

/** Paths below a folder, sorted, with forward slashes. */
export function listFiles(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();
}

/** The same bytes on every platform, and the tool's only `any`s as the exact types that they stand for. */
function normalize(path) {
  const text = readFileSync(path, 'utf8')
    .replaceAll('\r\n', '\n')
    .replace(/^\/\/ Original file: .*$/m, (line) => line.replaceAll('\\', '/'))
    .replaceAll(/[ \t]+$/gm, '')
    .replace('new (...args: any) => any', 'new (...args: never) => unknown');
  writeFileSync(path, text);
}

if (isMain(import.meta.url)) {
  await generateTypes(GENERATED);
  console.log(`wrote ${listFiles(GENERATED).length} files to packages/protocol/src/generated`);
}
