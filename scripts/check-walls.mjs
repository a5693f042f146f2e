// What each room of the built packages reaches at run time, through however many files, held against the walls.
// The linter sees one import statement; this sees where it leads: a room that imports a harmless neighbour which
// imports gRPC has imported gRPC.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { findTurns } from './room-order.mjs';
import { isMain, listFiles, PACKAGES, ROOT } from './tools.mjs';

/**
 * @typedef {object} Wall
 * @property {string} room a package's folder, or a folder inside its code
 * @property {RegExp} never what nothing in the room may reach
 */

/** @type {readonly Wall[]} */
const WALLS = [
  { room: 'protocol', never: /^@gymwire\/(?!protocol$)|^@tensorflow\// },
  { room: 'onnx-graph', never: /^@gymwire\/(?!onnx-graph$)|^@grpc\/|^@tensorflow\// },
  { room: 'env', never: /^@gymwire\/(?!protocol$|env$)|^@(tensorflow|mujoco)\// },
  { room: 'robot', never: /^@gymwire\/(?!protocol$|env$)|^@(tensorflow|mujoco)\// },
  { room: 'simulators', never: /^@gymwire\/(?!protocol$|env$|simulators$)|^@tensorflow\// },
  { room: 'grpc-host', never: /^@gymwire\/(?!protocol$|env$|grpc-host$)|^@(tensorflow|mujoco)\// },
  { room: 'env-server', never: /^@gymwire\/(?!protocol$|env$|grpc-host$)|^@(tensorflow|mujoco)\// },
  { room: 'agent-sdk', never: /^@gymwire\/(?!protocol$|onnx-graph$)/ },
  { room: 'agent-sdk/td3', never: /^@grpc\/|^@gymwire\/protocol$/ },
  { room: 'agent-sdk/replay', never: /^@grpc\/|^@gymwire\/protocol$/ },
  { room: 'agent-sdk/policy', never: /^@grpc\/|^@gymwire\/protocol$/ },
  { room: 'agent-sdk/random', never: /^@grpc\/|^@gymwire\/protocol$/ },
  { room: 'conformance', never: /^@gymwire\/(?!protocol$)|^@tensorflow\// },
  { room: 'exporter', never: /^@gymwire\/(?!onnx-graph$)|^@grpc\/|^@tensorflow\// },
];

/** Static and dynamic imports, re-exports, and files named by `new URL('./x.js', import.meta.url)` (workers). */
const SPECIFIERS = [
  /^\s*(?:import|export)\b[^'"();]*?\bfrom\s*['"]([^'"]+)['"]/gm,
  /^\s*import\s*['"]([^'"]+)['"]/gm,
  /\bimport\(\s*['"]([^'"]+)['"]/g,
  /\brequire\(\s*['"]([^'"]+)['"]/g,
  /\bnew URL\(\s*['"](\.[^'"]+\.m?js)['"]/g,
];

/** @param {string} file */
function specifiersOf(file) {
  const text = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
  return SPECIFIERS.flatMap((pattern) => [...text.matchAll(pattern)].map((match) => match[1] ?? ''));
}

/**
 * A specifier as a package's name, or as the path of the file that it stands for.
 * @param {string} file
 * @param {string} specifier
 */
function resolveSpecifier(file, specifier) {
  if (specifier.startsWith('.')) return join(dirname(file), specifier);
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/**
 * Follows the imports from a file, into our own packages too, and tells of each forbidden arrival how it came about.
 * @param {string} packages the folder that holds the packages
 * @param {readonly string[]} starts
 * @param {RegExp} never
 */
function trespasses(packages, starts, never) {
  /** @type {Map<string, string | undefined>} */
  const cameFrom = new Map(starts.map((start) => [start, undefined]));
  const found = [];
  for (const file of cameFrom.keys()) {
    if (!existsSync(file) || !file.endsWith('.js')) continue;
    for (const specifier of specifiersOf(file)) {
      const target = resolveSpecifier(file, specifier);
      if (never.test(target)) found.push([target, ...chainOf(cameFrom, file)].reverse());
      const own = /^@gymwire\/(.+)$/.exec(target)?.[1];
      const next = own === undefined ? target : join(packages, own, 'dist', 'index.js');
      if (!cameFrom.has(next)) cameFrom.set(next, file);
    }
  }
  return found;
}

/**
 * @param {ReadonlyMap<string, string | undefined>} cameFrom
 * @param {string} file
 * @returns {string[]}
 */
function chainOf(cameFrom, file) {
  const before = cameFrom.get(file);
  return [file, ...(before === undefined ? [] : chainOf(cameFrom, before))];
}

/**
 * Every breach, as a line that shows the way from the room to what it must not reach.
 * @param {string} [packages] the folder that holds the built packages
 */
export function findBreaches(packages = join(ROOT, 'packages')) {
  return WALLS.flatMap(({ room, never }) => {
    const [name = '', ...inner] = room.split('/');
    const folder = join(packages, name, 'dist', ...inner);
    const starts = listFiles(folder)
      .filter((path) => path.endsWith('.js'))
      .map((path) => join(folder, path));
    return trespasses(packages, starts, never).map((chain) => {
      const steps = chain.map((step) =>
        existsSync(step) ? relative(packages, step).replaceAll('\\', '/') : step,
      );
      return `${room}: ${steps.join(' -> ')}`;
    });
  });
}

if (isMain(import.meta.url)) {
  const missing = PACKAGES.filter((name) =>
    listFiles(join(ROOT, 'packages', name, 'dist')).every((path) => !path.endsWith('.js')),
  );
  const breaches = [
    ...missing.map((name) => `packages/${name} is not built: run \`npm run build\` first`),
    ...findBreaches(),
    ...findTurns(),
  ];
  for (const line of breaches) console.error(line);
  process.exitCode = breaches.length === 0 ? 0 : 1;
}
