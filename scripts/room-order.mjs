// Which rooms of a package may import which: each those before it, types included, so that a reader who follows a value
// through docs/architecture.md's walks never turns back. What the linter calls a cycle is one of files; this is one of rooms.
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { listFiles, ROOT } from './tools.mjs';

/**
 * Folders whose rooms have an order. Files beside the rooms, such as an index, may import all of them.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const ORDERS = {
  'agent-sdk/src': [
    'generated',
    'random',
    'statistics',
    'td3',
    'policy',
    'replay',
    'rollout',
    'env-client',
    'fleet',
    'checkpoint',
    'options',
    'config',
    'run-folder',
    'callbacks',
    'train',
    'evaluation',
    'seeds',
  ],
  'agent-sdk/src/td3/compiled': ['memory', 'graphs', 'threads'],
};

const RELATIVE_IMPORT = /(?:\bfrom|\bimport\(|\bimport|\bnew URL\()\s*['"](\.[^'"]+)['"]/g;

/**
 * Every import against the order, as a line that says so.
 * @param {string} [packages] the folder that holds the packages
 */
export function findTurns(packages = join(ROOT, 'packages')) {
  return Object.entries(ORDERS).flatMap(([folder, rooms]) => {
    const files = listFiles(join(packages, folder)).filter(
      (path) => path.endsWith('.ts') && !/\.test\.ts$|^testing\//.test(path),
    );
    return files.flatMap((file) => turnsOf(join(packages, folder), folder, rooms, file));
  });
}

/**
 * @param {string} root
 * @param {string} folder
 * @param {readonly string[]} rooms
 * @param {string} file below `root`
 */
function turnsOf(root, folder, rooms, file) {
  const own = roomOf(file);
  if (own === undefined) return [];
  if (!rooms.includes(own)) return [`${folder}/${own}: has no place in the order of scripts/room-order.mjs`];
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(RELATIVE_IMPORT)].flatMap(([, specifier = '']) => {
    const target = posix.join(posix.dirname(file), specifier);
    const room = target.startsWith('..') ? undefined : roomOf(target);
    if (room === undefined || rooms.indexOf(room) <= rooms.indexOf(own)) return [];
    return [`${folder}/${file}: imports ${target}, but ${own} comes before ${room}`];
  });
}

/** @param {string} path */
function roomOf(path) {
  const [room, ...rest] = path.split('/');
  return rest.length === 0 ? undefined : room;
}
