// Finding and starting the project's own tools without a shell, so that the scripts work on every platform.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The workspace's folder. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** The folders of the published packages, in the order in which they build. */
export const PACKAGES = [
  'protocol',
  'env',
  'simulators',
  'robot',
  'grpc-host',
  'env-server',
  'onnx-graph',
  'agent-sdk',
  'exporter',
  'conformance',
  'cli',
];

const require = createRequire(join(ROOT, 'package.json'));

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {boolean} [capture] collect the output instead of showing it
 *
 * @typedef {object} RunResult
 * @property {number} code
 * @property {string} stdout
 * @property {string} stderr
 */

/**
 * @param {string} path
 * @returns {unknown}
 */
export function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/**
 * What code of a package of ours can be imported by: its name, and its subpaths' names. (A data file has a path alone.)
 * @param {string} name its folder's
 * @returns {string[]}
 */
export function entriesOf(name) {
  const manifest = readJson(join(ROOT, 'packages', name, 'package.json'));
  const { exports } = /** @type {{exports: Record<string, unknown>}} */ (manifest);
  return Object.entries(exports)
    .filter(([, target]) => typeof target === 'object')
    .map(([subpath]) => `@gymwire/${name}${subpath.slice(1)}`);
}

/**
 * The JavaScript file behind a package's command; the `.bin` shims differ from platform to platform.
 * @param {string} packageName
 * @param {string} [command]
 */
export function binPath(packageName, command = packageName) {
  const manifestPath = findManifest(packageName);
  const { bin } = /** @type {{bin?: string | Record<string, string>}} */ (readJson(manifestPath));
  const file = typeof bin === 'string' ? bin : bin?.[command];
  if (file === undefined) throw new Error(`${packageName} has no command "${command}"`);
  return join(dirname(manifestPath), file);
}

/**
 * Not through the package's entry: its `exports` need not list package.json.
 * @param {string} packageName
 */
function findManifest(packageName) {
  const candidates = (require.resolve.paths(packageName) ?? []).map((folder) =>
    join(folder, packageName, 'package.json'),
  );
  const found = candidates.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${packageName} is not installed: run \`npm ci\` first`);
  return found;
}

/**
 * Runs a program to its end. A program that fails, or cannot be started, is a result and not an exception.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<RunResult>}
 */
export function run(program, args, { cwd = ROOT, env = process.env, capture = false } = {}) {
  return new Promise((done) => {
    const output = { stdout: '', stderr: '' };
    const child = spawn(program, args, { cwd, env, stdio: capture ? ['ignore', 'pipe', 'pipe'] : 'inherit' });
    child.stdout?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      output.stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      output.stderr += text;
    });
    child.on('error', (error) => done({ ...output, code: 1, stderr: `${output.stderr}${error.message}\n` }));
    child.on('close', (code) => done({ ...output, code: code ?? 1 }));
  });
}

/**
 * Runs a JavaScript program with this very Node.
 * @param {string} path
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export function runNode(path, args, options) {
  return run(process.execPath, [path, ...args], options);
}

/**
 * Runs an installed package's command.
 * @param {string} packageName
 * @param {readonly string[]} args
 * @param {RunOptions & {command?: string}} [options]
 */
export function runTool(packageName, args, { command, ...options } = {}) {
  return runNode(binPath(packageName, command), args, options);
}

/**
 * Runs npm itself.
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export function runNpm(args, options) {
  return runNode(npmPath(), args, options);
}

/** npm tells the scripts that it starts where it is; else it lies beside Node, where each platform puts it. */
export function npmPath() {
  const beside = dirname(process.execPath);
  const candidates = [
    process.env['npm_execpath'] ?? '',
    join(beside, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(beside, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ];
  const found = candidates.find((path) => path.endsWith('npm-cli.js') && existsSync(path));
  if (found === undefined) throw new Error('npm was not found: start this script through `npm run`');
  return found;
}

/**
 * Paths of the files below a folder, sorted, with forward slashes.
 * @param {string} folder
 */
export function listFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
}

/**
 * Paths of the files that git knows, or will: those that are not ignored.
 * @param {readonly string[]} patterns of git
 */
export async function trackedFiles(patterns) {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z', '--', ...patterns];
  const { code, stdout, stderr } = await run('git', args, { capture: true });
  if (code !== 0) throw new Error(`git ls-files failed: ${stderr}`);
  const paths = [...new Set(stdout.split('\0'))].filter((path) => path !== '');
  return paths.filter((path) => existsSync(join(ROOT, path))).sort();
}

/**
 * Returns whether a module is the program that was started, rather than imported.
 * @param {string} metaUrl its import.meta.url
 */
export function isMain(metaUrl) {
  return process.argv[1] !== undefined && metaUrl === pathToFileURL(process.argv[1]).href;
}
