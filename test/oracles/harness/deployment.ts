/** What is in deploy/, and the programs that judge it. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { preparePython } from '../../../scripts/python.mjs';
import { listFiles, ROOT, run } from '../../../scripts/tools.mjs';

export const DEPLOY = join(ROOT, 'deploy');

/** What jobs and containers have on their PATH. */
export const withGymwire = {
  PATH: [join(ROOT, 'node_modules', '.bin'), dirname(process.execPath), process.env['PATH']].join(':'),
};

export const readDeployed = (path: string) => readFileSync(join(DEPLOY, path), 'utf8');

/** Paths of the files whose names end so. */
export function deployed(...endings: readonly string[]): string[] {
  return listFiles(DEPLOY)
    .filter((path) => endings.some((ending) => path.endsWith(ending)))
    .map((path) => join(DEPLOY, path));
}

/** Programs of the virtual environment that holds the judges. */
export interface Judges {
  readonly python: string;
  readonly hadolint: string;
  readonly shellcheck: string;
}

export async function installJudges(): Promise<Judges> {
  const python = await preparePython(
    join(ROOT, 'test', 'oracles', 'deployment-requirements.txt'),
    'deployment',
  );
  const folder = dirname(python);
  return { python, hadolint: join(folder, 'hadolint'), shellcheck: join(folder, 'shellcheck') };
}

/** @throws with all output where the program fails */
export async function must(program: string, args: readonly string[], env = {}): Promise<string> {
  const result = await run(program, args, { capture: true, env: { ...process.env, ...env } });
  if (result.code !== 0) {
    throw new Error(
      `${program} ${args.join(' ')}: exit code ${result.code}\n${result.stdout}${result.stderr}`,
    );
  }
  return result.stdout;
}
