// One place for what all manifests must say alike: the workspace's package.json. `npm run manifests` writes its version and
// addresses into every package, the lock file, the Python bridge and the two modules that tell a peer the version; the
// gate compares (`--check`).
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMain, PACKAGES, ROOT } from './tools.mjs';

/**
 * @typedef {Record<string, unknown>} Manifest
 *
 * @typedef {object} Project what the workspace's package.json says for all
 * @property {string} version
 * @property {string} license
 * @property {Record<string, string>} engines
 * @property {string} homepage
 * @property {{url: string}} bugs
 * @property {{type: string, url: string}} repository
 */

const SCOPE = '@gymwire/';
const DEPENDENCIES = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'];

/** Modules that tell a peer the version: file, and what stands around it. */
const MODULES = /** @type {const} */ ([
  [join('packages', 'protocol', 'src', 'version.ts'), /(packageVersion = ')[^']*(')/],
  [join('bridges', 'python', 'src', 'gymwire', 'version.py'), /(PACKAGE_VERSION = ")[^"]*(")/],
]);

/** What Kubernetes is told to pull. */
const IMAGES = ['servers', 'trainer', 'seeds'].map((folder) =>
  join('deploy', 'kubernetes', folder, 'kustomization.yaml'),
);

/** @param {string} path */
const read = (path) => readFileSync(path, 'utf8').replaceAll('\r\n', '\n');

/**
 * @param {string} root
 * @param {string} path
 */
const readManifest = (root, path) => /** @type {Manifest} */ (JSON.parse(read(join(root, path))));

/** @param {unknown} value */
const write = (value) => `${JSON.stringify(value, undefined, 2)}\n`;

/**
 * @param {string} root
 * @returns {Project}
 */
export function readProject(root = ROOT) {
  return /** @type {Project} */ (JSON.parse(read(join(root, 'package.json'))));
}

/** An address that people can open. @param {Project} project */
export function webAddress({ repository }) {
  return repository.url.replace(/^git\+/, '').replace(/\.git$/, '');
}

/**
 * Every file that repeats the project's version or addresses, as it should be.
 * @param {string} root
 * @returns {Map<string, string>} text by path
 */
function expectedFiles(root) {
  const project = readProject(root);
  const files = /** @type {Map<string, string>} */ (new Map());
  for (const folder of workspaceFolders(root)) {
    const path = join(folder, 'package.json');
    files.set(path, write(expectedManifest(readManifest(root, path), folder, project)));
  }
  files.set('package-lock.json', write(expectedLock(readManifest(root, 'package-lock.json'), project)));
  for (const [path, pattern] of MODULES)
    files.set(path, replaceOnce(root, path, [[pattern, project.version]]));
  for (const path of IMAGES)
    files.set(path, replaceOnce(root, path, [[/^( *newTag: ).*()$/m, project.version]]));
  const pyproject = join('bridges', 'python', 'pyproject.toml');
  files.set(
    pyproject,
    replaceOnce(root, pyproject, [
      [/^(version = ")[^"]*(")$/m, project.version],
      [/^(license = ")[^"]*(")$/m, project.license],
      [/^(Homepage = ")[^"]*(")$/m, project.homepage],
      [/^(Issues = ")[^"]*(")$/m, project.bugs.url],
      [/^(Repository = ")[^"]*(")$/m, webAddress(project)],
      [/^(Changelog = ")[^"]*(")$/m, `${webAddress(project)}/blob/main/CHANGELOG.md`],
    ]),
  );
  return files;
}

/**
 * The folders of the workspace's packages, with forward slashes.
 * @param {string} root
 */
function workspaceFolders(root) {
  const packages = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`);
  return [...packages, 'bench', 'examples'].filter((folder) =>
    existsSync(join(root, folder, 'package.json')),
  );
}

/**
 * @param {Manifest} manifest
 * @param {string} folder
 * @param {Project} project
 * @returns {Manifest}
 */
function expectedManifest(manifest, folder, project) {
  const { version, license, engines, bugs, repository } = project;
  const own = withOwnVersions({ ...manifest, version }, version);
  if (!PACKAGES.some((name) => folder === `packages/${name}`)) return own;
  // Behind the licence, where npm's own order has them.
  const entries = Object.entries(own).filter(([key]) => !['homepage', 'bugs', 'repository'].includes(key));
  const at = entries.findIndex(([key]) => key === 'license') + 1;
  const addresses = { homepage: `${webAddress(project)}/tree/main/${folder}#readme`, bugs, repository };
  const published = Object.fromEntries([
    ...entries.slice(0, at),
    ...Object.entries({ ...addresses, repository: { ...repository, directory: folder } }),
    ...entries.slice(at),
  ]);
  return { ...published, license, engines };
}

/**
 * Dependencies on packages of ours are exact.
 * @param {Manifest} manifest
 * @param {string} version
 */
function withOwnVersions(manifest, version) {
  const mended = { ...manifest };
  for (const field of DEPENDENCIES) {
    const wanted = /** @type {Record<string, string> | undefined} */ (manifest[field]);
    if (wanted === undefined) continue;
    mended[field] = Object.fromEntries(
      Object.entries(wanted).map(([name, range]) => [name, name.startsWith(SCOPE) ? version : range]),
    );
  }
  return mended;
}

/**
 * @param {Manifest} lock
 * @param {Project} project
 */
function expectedLock(lock, { version }) {
  const packages = /** @type {Record<string, Manifest>} */ (lock['packages']);
  const mended = Object.entries(packages).map(([path, entry]) => {
    const isOurs = !path.includes('node_modules');
    return /** @type {const} */ ([path, isOurs ? withOwnVersions({ ...entry, version }, version) : entry]);
  });
  return { ...lock, version, packages: /** @type {Manifest} */ (Object.fromEntries(mended)) };
}

/**
 * @param {string} root
 * @param {string} path
 * @param {ReadonlyArray<readonly [pattern: RegExp, value: string]>} changes each pattern has a group before and one behind
 */
function replaceOnce(root, path, changes) {
  let text = read(join(root, path));
  for (const [pattern, value] of changes) {
    if (!pattern.test(text)) throw new Error(`${path}: expected ${pattern}`);
    text = text.replace(pattern, (_, before, behind) => `${before}${value}${behind}`);
  }
  return text;
}

/**
 * Where a file differs from what the workspace's package.json says, a line each; empty: nowhere.
 * @param {string} root
 * @returns {string[]}
 */
export function findDrift(root = ROOT) {
  const drift = [...expectedFiles(root)].flatMap(([path, expected]) => {
    const lines = read(join(root, path)).split('\n');
    const wanted = expected.split('\n');
    const at = wanted.findIndex((line, i) => line !== lines[i]);
    if (at < 0 && lines.length === wanted.length) return [];
    const i = at < 0 ? wanted.length : at;
    const [here, there] = [lines[i]?.trim() ?? 'the end', wanted[i]?.trim() ?? 'the end'];
    return [`${path}:${i + 1}: ${here}, expected ${there}: run \`npm run manifests\``];
  });
  return [...drift, ...PACKAGES.flatMap((name) => missingKeywords(root, name))];
}

/**
 * What a registry's search finds a package by.
 * @param {string} root
 * @param {string} name
 */
function missingKeywords(root, name) {
  const path = join('packages', name, 'package.json');
  if (!existsSync(join(root, path))) return [`${path}: no such file`];
  const { keywords } = /** @type {{keywords?: readonly string[]}} */ (JSON.parse(read(join(root, path))));
  return (keywords ?? []).includes('gymwire') ? [] : [`${path}: expected keywords, "gymwire" among them`];
}

if (isMain(import.meta.url)) {
  if (!process.argv.includes('--check')) {
    for (const [path, text] of expectedFiles(ROOT)) writeFileSync(join(ROOT, path), text);
  }
  const drift = findDrift();
  console.log([...drift, `version ${readProject().version}, ${drift.length} differ`].join('\n'));
  process.exitCode = drift.length === 0 ? 0 : 1;
}
