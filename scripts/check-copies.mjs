// Two things that there is one of. Options of training have one table, agent-sdk's options/option-table.ts: a file that gives
// several of them values or flags of its own is a second list, which the table's changes would pass by. And `train` makes
// environments and learners itself: whoever writes that anew hands on less than was asked for, sooner or later.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMain, listFiles, ROOT } from './tools.mjs';
import { trainOptionFlags } from './train-options.mjs';

/** The table; presets, which say what differs from it; and what is written from it. */
const LISTS = /\/(option-table|presets)\.ts$|\/(generated|testing)\/|\.test\.ts$/;

/** One may be a program's own affair: the demo's number of episodes. */
const FEW = 1;

/** Words of every environment and session, in training and out of it. */
const SHARED = new Set([
  'envId',
  'envArguments',
  'maxEpisodeSteps',
  'numEnvs',
  'autoresetMode',
  'seed',
  'mode',
]);

const own = trainOptionFlags.filter(({ name }) => !SHARED.has(name));
const names = own.map(({ name }) => name);
const flags = [...own.map(({ flag }) => flag), '--lr'];

/** `gamma: 0.99`, `gamma: z.number()`, `gamma: '--gamma'`; not `gamma: number`, nor `gamma: flags.gamma`. */
const valued = new RegExp(
  `\\b(${names.join('|')})['"]?\\s*:\\s*(?:-?[\\d.]|['"\`]|\\[|\\{|true\\b|false\\b|null\\b|z\\.)`,
  'g',
);
/** A text that begins with a flag. */
const flagged = new RegExp(`['"\`](${flags.join('|')})(?![\\w-])`, 'g');

/**
 * The options that a source gives values or flags.
 * @param {string} text
 */
function optionsIn(text) {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  return new Set(
    [valued, flagged].flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1] ?? '')),
  );
}

/**
 * @param {string} folder of the sources of packages, as `packages` is
 * @returns {string[]} a line for each second list
 */
export function findSecondLists(folder) {
  return listFiles(folder)
    .filter((path) => /^[^/]+\/src\/.*\.ts$/.test(path) && !LISTS.test(path))
    .flatMap((path) => {
      const found = optionsIn(readFileSync(join(folder, path), 'utf8'));
      return found.size > FEW ? [`${path}: ${[...found].join(', ')}`] : [];
    });
}

/** What the front door does: environments of a connection, a learner that is chosen and nothing else. */
const ADAPTERS = [
  /\bmakeEnv\s*(?::\s*MakeEnv\s*)?[:=]\s*(?:async\s*)?\([^()]*\)\s*=>[^;]{0,120}?\.makeVector\(/,
  /:\s*MakeEnv\s*=\s*(?:async\s*)?\([^()]*\)\s*=>[^;]{0,120}?\.makeVector\(/,
  /\bmakeEnv:\s*remoteEnvs\(\w+\)\s*,/,
  /\bcreateLearner:\s*create(?:Compiled|Tfjs)Learner\s*,/,
  /\bcreateLearner:\s*\((\w+), (\w+)\)\s*=>\s*create(?:Compiled|Tfjs)Learner\(\1, \2(?:, (?:\w+\.)?\w+)?\)\s*,/,
];

/** Are about adapters: one that forgets, and those that this finds. */
const ABOUT_ADAPTERS = ['test/faults/made-otherwise.test.ts', 'test/contract/gate.test.ts'];

/**
 * @param {string} root of a workspace
 * @returns {string[]} a line for each place where somebody writes the front door anew
 */
export function findAdapters(root) {
  return ['packages', 'examples', 'bench', 'test', 'docs']
    .flatMap((folder) => listFiles(join(root, folder)).map((path) => `${folder}/${path}`))
    .concat('README.md')
    .filter((path) => /\.(ts|mjs|js|md)$/.test(path) && !/\/(node_modules|dist|generated)\//.test(path))
    .filter((path) => !ABOUT_ADAPTERS.includes(path) && !path.startsWith('packages/agent-sdk/src/'))
    .flatMap((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      const found = ADAPTERS.map((pattern) => pattern.exec(text)?.[0]).filter((hit) => hit !== undefined);
      return found.map((hit) => `${path}: ${hit.replaceAll(/\s+/g, ' ')}`);
    });
}

if (isMain(import.meta.url)) {
  const lists = findSecondLists(join(ROOT, 'packages'));
  for (const line of lists) console.error(`a second list of options: ${line}`);
  const adapters = findAdapters(ROOT);
  for (const line of adapters) console.error(`give train a server, a connection, a learner's name: ${line}`);
  process.exitCode = lists.length + adapters.length > 0 ? 1 : 0;
}
