// Writes packages/protocol/src/generated from proto/. `npm run check` compares a fresh copy with the committed one.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMain, listFiles, ROOT, runTool } from './tools.mjs';

export const GENERATED = join(ROOT, 'packages', 'protocol', 'src', 'generated');

/** The loader options of packages/protocol at run time, as flags; the types are wrong if the two differ. */
const LOADER_OPTIONS = ['--longs=String', '--enums=String', '--bytes=Buffer', '--defaults', '--oneofs'];

/**
 * Generates into a folder, which is emptied first.
 * @param {string} outDir
 */
export async function generateTypes(outDir) {
  rmSync(outDir, { recursive: true, force: true });
  const flags = [
    '--includeComments',
    '--grpcLib=@grpc/grpc-js',
    '--importFileExtension=.ts',
    `--outDir=${outDir}`,
  ];
  const result = await runTool(
    '@grpc/proto-loader',
    [...LOADER_OPTIONS, ...flags, '-I', 'proto', '--', 'gymwire/v1/env_service.proto'],
    { command: 'proto-loader-gen-types', capture: true },
  );
  if (result.code !== 0) throw new Error(`proto-loader-gen-types failed:\n${result.stdout}${result.stderr}`);
  for (const path of listFiles(outDir)) normalize(join(outDir, path));
}

/**
 * The same bytes on every platform, and the tool's only `any`s as the exact types that they stand for.
 * @param {string} path
 */
function normalize(path) {
  const text = readFileSync(path, 'utf8')
    .replaceAll('\r\n', '\n')
    .replace(/^\/\/ Original file: .*$/m, (line) => line.replaceAll('\\', '/'))
    .replaceAll(/[ \t]+$/gm, '')
    .replace('new (...args: any) => any', 'new (...args: never) => unknown');
  writeFileSync(path, text);
}

/**
 * How a folder differs from the committed one, a line a file; empty: not at all.
 * @param {string} fresh
 */
export function compareGenerated(fresh) {
  const expected = listFiles(fresh);
  const present = listFiles(GENERATED);
  return [
    ...expected.filter((path) => !present.includes(path)).map((path) => `missing: ${path}`),
    ...present.filter((path) => !expected.includes(path)).map((path) => `not generated: ${path}`),
    ...expected
      .filter((path) => present.includes(path))
      .filter(
        (path) => readFileSync(join(fresh, path), 'utf8') !== readFileSync(join(GENERATED, path), 'utf8'),
      )
      .map((path) => `differs: ${path}`),
  ];
}

if (isMain(import.meta.url)) {
  await generateTypes(GENERATED);
  console.log(`wrote ${listFiles(GENERATED).length} files to packages/protocol/src/generated`);
}
