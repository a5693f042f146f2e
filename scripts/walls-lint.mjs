// The linter's part of the walls: what a statement may import, types included. (Where imports lead is check-walls.mjs's.)
import { entriesOf, PACKAGES } from './tools.mjs';
import { FOREIGN, isListed, ROOMS } from './walls.mjs';

/**
 * @typedef {import('./walls.mjs').Room} Room
 * @typedef {{regex: string, message: string, allowTypeImports?: boolean}} Pattern
 */

const byName = 'Import the package by its name: its exports map is the wall.';

/** @type {readonly Pattern[]} */
const EVERYWHERE = [
  { regex: '^@gymwire/[^/]+/(src|dist)(/|$)', message: byName },
  { regex: `^\\..*/(${PACKAGES.join('|')})/(src|dist)(/|$)`, message: byName },
  { regex: '^@grpc/[^/]+/', message: "gRPC's inner files are not API." },
];

const entries = PACKAGES.flatMap(entriesOf).map((entry) => entry.slice('@gymwire/'.length));

/**
 * Entries as a regular expression; the linter knows no look-ahead, so each stands for itself.
 * @param {readonly string[]} list
 */
function anyOf(list) {
  return `^@gymwire/(${list.join('|')})$`;
}

/**
 * @param {Room} room
 * @returns {Pattern[]}
 */
function patternsOf({ ours, types = [], never = [], apart = [], why }) {
  const typed = entries.filter((entry) => isListed(types, entry));
  const others = entries.filter((entry) => !isListed(ours, entry) && !typed.includes(entry));
  return [
    { regex: anyOf(others), message: why },
    ...(typed.length === 0 ? [] : [{ regex: anyOf(typed), allowTypeImports: true, message: why }]),
    ...never.map((kind) => ({ regex: FOREIGN[kind], message: why })),
    ...(apart.length === 0 ? [] : [{ regex: `^\\.(.*/)?(${apart.join('|')})(/|$)`, message: why }]),
    ...EVERYWHERE,
  ];
}

/** @param {Room} room */
function filesOf({ room }) {
  const [name = '', ...inner] = room.split('/');
  const path = ['packages', name, 'src', ...inner].join('/');
  return path.endsWith('.js') ? path.replace(/\.js$/, '.ts') : `${path}/**`;
}

/** @param {readonly Pattern[]} patterns */
function ruleOf(patterns) {
  return { 'no-restricted-imports': ['error', { patterns }] };
}

/** A configuration that .oxlintrc.json extends. Of the overrides that fit a file, the last one counts. */
export function wallsLint() {
  return {
    rules: ruleOf(EVERYWHERE),
    overrides: ROOMS.map((room) => ({ files: [filesOf(room)], rules: ruleOf(patternsOf(room)) })),
  };
}
