// `npm run setup:tfjs-node`: gives the installed @tensorflow/tfjs-node its native library. First through
// tfjs-node's own install script; where its download hosts are out of reach, on Linux x64 with glibc, by
// compiling its addon against TensorFlow's libraries from PyPI. Everything is Apache-2.0.
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isMain, ROOT, run, runNpm } from './tools.mjs';

const CACHE = join(ROOT, '.cache', 'tfjs-node');
const LIBRARIES = join(CACHE, 'tensorflow');
const CACHED_ADDON = join(CACHE, 'tfjs_binding.node');

/** The first host that tfjs-node's install script turns to. */
const INSTALLER_HOST = 'https://storage.googleapis.com/';

/** C libraries and headers in one archive; its C interface is a superset of 2.9.1's, which tfjs-node is made for. */
const WHEEL = {
  requirement: 'tensorflow-cpu==2.12.1',
  pythonVersion: '3.11',
  platform: 'manylinux2014_x86_64',
  sha256: '7ffb595707a8fb376deaddc768784c7a0242b16cbc6e06393b1733b2ce19f855',
};
const NODE_HEADERS = 'node-api-headers@1.9.0';

/** Run in a process of its own: a library that fails to load may end it. */
const PROBE = `
  const tf = require('@tensorflow/tfjs-node');
  const product = tf.matMul(tf.tensor2d([1, 2], [1, 2]), tf.tensor2d([3, 4], [2, 1])).dataSync()[0];
  if (tf.getBackend() !== 'tensorflow' || product !== 11) throw new Error('it computes ' + product);
  console.log('TensorFlow ' + tf.backend().binding.TF_Version);
`;

class SetupError extends Error {}

async function main() {
  const folder = installedFolder();
  refuseUnsupportedNode();
  const before = await probe();
  if (before.works) return `already there: ${before.result}`;
  const routes = [restoreAddon, installByItsOwnScript, buildFromRegistries];
  for (const route of routes) {
    if (!(await route(folder))) continue;
    const { works, result } = await probe();
    if (works) return `ready: ${result}`;
    say(`that gave no library that works here: ${result}`);
  }
  throw new SetupError('no native library for @tensorflow/tfjs-node; training uses the wasm backend instead');
}

function installedFolder() {
  try {
    const require = createRequire(join(ROOT, 'package.json'));
    return dirname(require.resolve('@tensorflow/tfjs-node/package.json'));
  } catch {
    throw new SetupError('@tensorflow/tfjs-node is not installed: run `npm ci` first');
  }
}

function refuseUnsupportedNode() {
  const major = Number(process.versions.node.split('.')[0]);
  // tfjs-node 4.22 calls util.isNullOrUndefined, which Node 23 removed (tfjs issue 8609).
  if (major > 22) throw new SetupError(`tfjs-node 4.22 works on Node 20 and 22, not on ${process.version}`);
}

/** The version of the TensorFlow that computes, or why none does. */
async function probe() {
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' };
  const { code, stdout, stderr } = await run(process.execPath, ['-e', PROBE], { env, capture: true });
  if (code === 0) return { works: true, result: stdout.trim().split('\n').at(-1) };
  return { works: false, result: /^\w*Error: .*$/m.exec(stderr)?.[0] ?? `exit code ${code}` };
}

/** @param {string} folder */
function addonPath(folder) {
  return join(folder, 'lib', 'napi-v8', 'tfjs_binding.node');
}

/** Puts back what an earlier build left in the cache: `npm ci` wipes node_modules. @param {string} folder */
async function restoreAddon(folder) {
  if (!existsSync(CACHED_ADDON)) return false;
  say(`using the addon in ${relative(ROOT, CACHE)}`);
  mkdirSync(dirname(addonPath(folder)), { recursive: true });
  copyFileSync(CACHED_ADDON, addonPath(folder));
  return true;
}

async function installByItsOwnScript() {
  try {
    await fetch(INSTALLER_HOST, { method: 'HEAD', signal: AbortSignal.timeout(10_000) });
  } catch {
    say(`${INSTALLER_HOST} is out of reach: not using tfjs-node's own install script`);
    return false;
  }
  say("running tfjs-node's own install script");
  const rebuild = ['rebuild', '@tensorflow/tfjs-node', '--ignore-scripts=false', '--foreground-scripts'];
  return (await runNpm(rebuild)).code === 0;
}

/** @param {string} folder */
async function buildFromRegistries(folder) {
  refuseUnsupportedPlatform();
  mkdirSync(CACHE, { recursive: true });
  if (!existsSync(LIBRARIES)) await fetchLibraries();
  const nodeHeaders = await findNodeHeaders();
  await compile(folder, nodeHeaders);
  return restoreAddon(folder);
}

function refuseUnsupportedPlatform() {
  const report = /** @type {{header: {glibcVersionRuntime?: string}}} */ (process.report.getReport());
  const { platform, arch } = process;
  const libc = report.header.glibcVersionRuntime === undefined ? 'without glibc' : 'with glibc';
  if (platform === 'linux' && arch === 'x64' && libc === 'with glibc') return;
  throw new SetupError(
    `a build from registry parts exists for Linux x64 with glibc only, this is ${platform} ${arch} ${platform === 'linux' ? libc : ''}; ` +
      'where tfjs-node has a prebuilt library, run this again with its download hosts in reach',
  );
}

async function fetchLibraries() {
  const downloads = join(CACHE, 'download');
  rmSync(downloads, { recursive: true, force: true });
  say(`downloading ${WHEEL.requirement} from PyPI (232 MB)`);
  const target = [
    '--platform',
    WHEEL.platform,
    '--implementation',
    'cp',
    '--python-version',
    WHEEL.pythonVersion,
  ];
  const download = [
    '-m',
    'pip',
    'download',
    '--quiet',
    '--no-deps',
    '--only-binary=:all:',
    '--dest',
    downloads,
  ];
  await must('python3', [...download, ...target, WHEEL.requirement]);
  const wheel = readdirSync(downloads).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new SetupError(`pip left no wheel in ${downloads}`);
  const hash = createHash('sha256');
  await pipeline(createReadStream(join(downloads, wheel)), hash);
  const digest = hash.digest('hex');
  if (digest !== WHEEL.sha256)
    throw new SetupError(`${wheel}: expected sha256 ${WHEEL.sha256}, got ${digest}`);
  say('unpacking its C libraries and headers');
  const unpack = `
import sys, zipfile
wanted = ('tensorflow/libtensorflow_', 'tensorflow/include/tensorflow/')
with zipfile.ZipFile(sys.argv[1]) as wheel:
    wheel.extractall(sys.argv[2], [name for name in wheel.namelist() if name.startswith(wanted)])
`;
  await must('python3', ['-c', unpack, join(downloads, wheel), downloads]);
  // Renamed last: a folder of this name is complete.
  renameSync(join(downloads, 'tensorflow'), LIBRARIES);
  rmSync(downloads, { recursive: true, force: true });
}

/** The folder with node_api.h: of this Node's installation, or from npm. */
async function findNodeHeaders() {
  const installed = join(dirname(process.execPath), '..', 'include', 'node');
  if (existsSync(join(installed, 'node_api.h'))) return installed;
  const prefix = join(CACHE, 'node-headers');
  const fromNpm = join(prefix, 'node_modules', 'node-api-headers', 'include');
  if (!existsSync(fromNpm)) {
    say(`fetching ${NODE_HEADERS} from npm`);
    mkdirSync(prefix, { recursive: true });
    const install = ['install', '--prefix', prefix, '--no-save', '--ignore-scripts', NODE_HEADERS];
    if ((await runNpm(install)).code !== 0) throw new SetupError(`npm could not install ${NODE_HEADERS}`);
  }
  return fromNpm;
}

/** @param {string} folder tfjs-node @param {string} nodeHeaders */
async function compile(folder, nodeHeaders) {
  say('compiling the addon');
  // Found through a path relative to the addon, so that the workspace can be moved as a whole.
  const runPath = `$ORIGIN/${relative(dirname(addonPath(folder)), LIBRARIES)}`;
  const mode = ['-std=c++17', '-O2', '-fPIC', '-shared', '-w'];
  const macros = ['-DNAPI_VERSION=8', '-DNODE_GYP_MODULE_NAME=tfjs_binding', '-DBUILDING_NODE_EXTENSION'];
  const includes = [`-I${nodeHeaders}`, `-I${join(LIBRARIES, 'include')}`];
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(folder, 'binding', name));
  const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'].map((name) =>
    join(LIBRARIES, name),
  );
  const linking = `-Wl,--no-as-needed,-rpath,${runPath}`;
  await must('g++', [...mode, ...macros, ...includes, ...sources, linking, ...libraries, '-o', CACHED_ADDON]);
}

/** @param {string} program @param {readonly string[]} args */
async function must(program, args) {
  const { code, stderr } = await run(program, args, { capture: true });
  if (code !== 0) throw new SetupError(`${program} failed (is it installed?):\n${stderr.trim()}`);
}

/** @param {string} text */
function say(text) {
  process.stdout.write(`tfjs-node: ${text}\n`);
}

if (isMain(import.meta.url)) {
  try {
    say(await main());
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`tfjs-node: ${error.message}\n`);
    process.exitCode = 1;
  }
}
