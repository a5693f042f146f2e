// What each room of the built packages reaches at run time, through however many files, held against the walls.
// The linter sees one import statement; this sees where it leads: a room that imports a harmless neighbour which
// imports gRPC has imported gRPC.
import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { findNodeOnly } from './page-code.mjs';
import { findTurns } from './room-order.mjs';
import { isMain, listFiles, PACKAGES, ROOT, readJson } from './tools.mjs';
import { FOREIGN, isListed, ROOMS } from './walls.mjs';

/** @typedef {import('./walls.mjs').Room} Room */

/** Static and dynamic imports, re-exports, and files named by `new URL('./x.js', import.meta.url)` (workers). */
const SPECIFIERS = [
  /^\s*(?:import|export)\b[^'"();]*?\bfrom\s*['"]([^'"]+)['"]/gm,
  /^\s*import\s*['"]([^'"]+)['"]/gm,
  /\bimport\(\s*['"`]([^'"`$]+)['"`]\s*[,)]/g,
  /\brequire\(\s*['"]([^'"]+)['"]/g,
  /\bnew URL\(\s*['"](\.[^'"]+\.m?js)['"]/g,
];

/** @param {string} file */
function codeOf(file) {
  return readFileSync(file, 'utf8')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/^\s*\/\/.*$/gm, '');
}

/** @param {string} code */
function specifiersOf(code) {
  return SPECIFIERS.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1] ?? ''));
}

/**
 * A specifier as the path of the file that it stands for, as an entry of ours, or as a package's name.
 * @param {string} file
 * @param {string} specifier
 */
function resolveSpecifier(file, specifier) {
  if (specifier.startsWith('.')) return join(dirname(file), specifier);
  if (specifier.startsWith('@gymwire/')) return specifier;
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/**
 * The file of an entry of ours, by its package's exports.
 * @param {string} packages the folder that holds the packages
 * @param {string} entry "@gymwire/protocol/wire"
 */
function fileOf(packages, entry) {
  const [, name = '', ...sub] = entry.split('/');
  const manifest = join(ROOT, 'packages', name, 'package.json');
  if (!existsSync(manifest)) return entry;
  const { exports } = /** @type {{exports: Record<string, {default: string} | undefined>}} */ (
    readJson(manifest)
  );
  return join(packages, name, exports[['.', ...sub].join('/')]?.default ?? 'missing');
}

/**
 * Why a room may not reach something; undefined: it may.
 * @param {Room} room
 * @param {string} target from `resolveSpecifier`
 */
function isForbidden({ room, ours, never = [], apart = [], portable }, target) {
  if (target.startsWith('@gymwire/')) return !isListed(ours, target.slice('@gymwire/'.length));
  const path = target.replaceAll('\\', '/');
  if (path.includes('/')) {
    const inside = `/${room.split('/')[0]}/dist/`;
    if (apart.some((folder) => path.includes(`${inside}${folder}/`))) return true;
  }
  // A file of our own, not a package whose name ends in ".js".
  if (isAbsolute(target)) return false;
  if (never.some((kind) => new RegExp(FOREIGN[kind]).test(target))) return true;
  return portable !== undefined && (isBuiltin(target) || !portable.includes(target));
}

/**
 * Follows the imports from a file, into our own packages too, and tells of each forbidden arrival how it came about.
 * @param {string} packages the folder that holds the packages
 * @param {readonly string[]} starts
 * @param {Room} room
 */
function trespasses(packages, starts, room) {
  /** @type {Map<string, string | undefined>} */
  const cameFrom = new Map(starts.map((start) => [start, undefined]));
  const found = [];
  for (const file of cameFrom.keys()) {
    if (!existsSync(file) || !file.endsWith('.js')) continue;
    const code = codeOf(file);
    for (const name of room.portable === undefined ? [] : findNodeOnly(readFileSync(file, 'utf8'))) {
      found.push([name, ...chainOf(cameFrom, file)].reverse());
    }
    for (const specifier of specifiersOf(code)) {
      const target = resolveSpecifier(file, specifier);
      if (isForbidden(room, target)) found.push([target, ...chainOf(cameFrom, file)].reverse());
      const next = target.startsWith('@gymwire/') ? fileOf(packages, target) : target;
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
  return ROOMS.flatMap((room) => {
    const [name = '', ...inner] = room.room.split('/');
    const place = join(packages, name, 'dist', ...inner);
    const starts = place.endsWith('.js')
      ? [place]
      : listFiles(place)
          .filter((path) => path.endsWith('.js'))
          .map((path) => join(place, path));
    return trespasses(packages, starts, room).map((chain) => {
      const steps = chain.map((step) =>
        existsSync(step) ? relative(packages, step).replaceAll('\\', '/') : step,
      );
      return `${room.room}: ${steps.join(' -> ')}`;
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
