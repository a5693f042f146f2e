/** Other people's programs in Go: built once, at a pinned version, into .cache. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run } from '../../../scripts/tools.mjs';

/**
 * Builds a program where it is not there yet. Fails where Go is missing.
 * @param module the path of the program's package
 * @returns the program's path
 */
export async function installGoProgram(module: string, version: string): Promise<string> {
  // The last part of its path that is no version: of a/tool/v5 that is tool.
  const name = /([^/]+)(?:\/v\d+)?$/.exec(module)?.[1] ?? module;
  const folder = join(ROOT, '.cache', 'go-bin', `${name}-${version}`);
  const program = join(folder, process.platform === 'win32' ? `${name}.exe` : name);
  if (existsSync(program)) return program;
  const env = { ...process.env, GOBIN: folder };
  const { code, stderr } = await run('go', ['install', `${module}@${version}`], { env, capture: true });
  if (code !== 0) {
    throw new Error(
      `this test needs Go, to build ${name}: \`go install ${module}@${version}\` failed:\n${stderr}`,
    );
  }
  return program;
}
