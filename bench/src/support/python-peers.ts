/** The Python that runs the peers: one that the user names, or a virtual environment of the bench's own. */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OptionError, parseOnce } from './option-values.ts';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const scripts = join(repository, 'bench', 'python');

/** `env` is what the env bench needs: a part of the first, and small. `wire` needs an older NumPy than the others. */
const requirementFiles = {
  all: 'requirements.txt',
  env: 'requirements-env.txt',
  wire: 'requirements-wire.txt',
  batch: 'requirements-batch.txt',
} as const;

export type PeerSet = keyof typeof requirementFiles;

interface Repository {
  readonly url: string;
  readonly commit: string;
}

/** The authors' code is no package: a clone at this commit. */
const authors: Repository = {
  url: 'https://github.com/sfujim/TD3',
  commit: '34770ccdcb51df6f6c7d85c1ba7e40d71b940d16',
};

/** Neither are dm_env_rpc's examples. */
const catchExample: Repository = {
  url: 'https://github.com/google-deepmind/dm_env_rpc',
  commit: 'dea4326e7e4e15b3abd787a5907fa12b3c6940e2',
};

export const howToGetPeers =
  'npm run bench -- peers installs them, or name a Python that has them in GYMWIRE_PEERS_PYTHON';
export const howToGetWirePeers = howToGetPeers.replace('peers', 'peers wire');
export const howToGetBatchPeers = howToGetPeers.replace('peers', 'peers batch');
export const howToGetEnvPeers = howToGetPeers.replace('peers', 'peers env');

export function pythonScript(name: string): string {
  return join(scripts, name);
}

/** @returns undefined where there is none */
export function findPeersPython(set: PeerSet = 'all'): string | undefined {
  const named = process.env.GYMWIRE_PEERS_PYTHON;
  if (named !== undefined && named !== '') return named;
  const { python, done } = ownEnvironment(set);
  return existsSync(done) ? python : undefined;
}

/** The folder with the authors' TD3.py. */
export function authorsFolder(): string {
  return process.env.GYMWIRE_PEERS_SFUJIM ?? join(ownEnvironment('all').folder, 'sfujim-TD3');
}

/** The folder with dm_env_rpc's catch_environment.py. */
export function catchFolder(): string {
  const clone = process.env.GYMWIRE_PEERS_DM_ENV_RPC ?? join(ownEnvironment('wire').folder, 'dm_env_rpc');
  return join(clone, 'examples');
}

/** Where `import gymwire` finds bridges/python. */
export const bridgeSources = join(repository, 'bridges', 'python', 'src');

/**
 * Creates `.cache/peers/<hash of requirements>`; what is there already stays.
 * @param args `env`, `wire` or `batch`: only what that bench needs
 */
export async function installPeers(args: readonly string[]): Promise<void> {
  const { positionals } = parseOnce({
    name: 'peers',
    summary: 'Installs the peers: all of them, or those of `env`, `wire` or `batch`.',
    operands: '[env | wire | batch]',
    allowPositionals: true,
    args: [...args],
    options: {},
  });
  const set = peerSet(positionals);
  const { requirements, folder, python, done } = ownEnvironment(set);
  if (existsSync(done)) {
    // What could not be cloned then, for want of a network, is tried again.
    if (set === 'wire' && !existsSync(join(folder, 'dm_env_rpc')))
      clone(catchExample, join(folder, 'dm_env_rpc'));
    console.log(`the peers are installed: ${python}`);
    return;
  }
  const warning = set === 'all' ? '; PyTorch from PyPI brings CUDA along: about 7 GB' : '';
  console.log(`installing the peers of ${requirements} into ${folder}${warning}`);
  rmSync(folder, { recursive: true, force: true });
  run(process.platform === 'win32' ? 'python' : 'python3', ['-m', 'venv', join(folder, 'venv')]);
  run(python, ['-m', 'pip', 'install', '--requirement', requirements]);
  if (set === 'all') clone(authors, join(folder, 'sfujim-TD3'));
  if (set === 'wire') clone(catchExample, join(folder, 'dm_env_rpc'));
  writeFileSync(done, '');
  console.log(`installed: ${python}`);
}

function peerSet([name = 'all', ...more]: readonly string[]): PeerSet {
  if (more.length === 0 && (name === 'all' || name === 'env' || name === 'wire' || name === 'batch'))
    return name;
  throw new OptionError(`peers: expected env, wire, batch or nothing, got ${[name, ...more].join(' ')}`);
}

function clone({ url, commit }: Repository, folder: string): void {
  try {
    run('git', ['clone', '--quiet', url, folder]);
    run('git', ['-C', folder, 'checkout', '--quiet', commit]);
  } catch (error) {
    console.log(`without ${url}: ${(error as Error).message}`);
  }
}

function ownEnvironment(set: PeerSet) {
  const requirements = join(scripts, requirementFiles[set]);
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = join(repository, '.cache', 'peers', hash);
  const binary = process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python'];
  return { requirements, folder, python: join(folder, 'venv', ...binary), done: join(folder, 'installed') };
}

function run(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with exit code ${status}`);
}
