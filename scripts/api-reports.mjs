// What each package offers to those who install it, entry by entry, as API Extractor writes it down: names, signatures,
// and the inner types that they reach. The reports are committed beside the packages; `npm run check` writes fresh ones
// and compares, so that nothing becomes public, or stops being so, unnoticed. `npm run api` accepts what is new.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { isMain, listFiles, PACKAGES, ROOT, readJson } from './tools.mjs';

/** @typedef {{package: string, entry: string, types: string}} Entry */

/**
 * Every entry of every package, as its exports map has them.
 * @param {string} packages the folder that holds the built packages
 * @returns {Entry[]}
 */
function entriesOf(packages) {
  return namesIn(packages).flatMap((name) => {
    const manifest = /** @type {{exports: Record<string, string | {types?: string}>}} */ (
      readJson(join(packages, name, 'package.json'))
    );
    return Object.entries(manifest.exports).flatMap(([path, target]) =>
      typeof target === 'string' || target.types === undefined
        ? []
        : [{ package: name, entry: path === '.' ? 'index' : path.slice(2), types: target.types }],
    );
  });
}

/**
 * Of the packages, those that lie here: a test plants one.
 * @param {string} packages
 */
function namesIn(packages) {
  return PACKAGES.filter((name) => existsSync(join(packages, name)));
}

/**
 * Where a report lies, below the folder of the packages.
 * @param {Entry} entry
 */
function reportPath({ package: name, entry }) {
  return join(name, 'api', `${entry.replaceAll('/', '-')}.api.md`);
}

/**
 * Writes the report of every entry below a folder that is laid out as `packages` is.
 * @param {string} target
 * @param {string} [packages]
 */
export function writeReports(target, packages = join(ROOT, 'packages')) {
  for (const entry of entriesOf(packages)) {
    const path = join(target, reportPath(entry));
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, reportOf(entry, packages));
  }
}

/**
 * @param {Entry} entry
 * @param {string} packages
 */
function reportOf(entry, packages) {
  const projectFolder = join(packages, entry.package);
  const scratch = mkdtempSync(join(tmpdir(), 'gymwire-api-'));
  const silent = { default: { logLevel: ExtractorLogLevel.None } };
  const types = join(projectFolder, entry.types);
  try {
    const config = ExtractorConfig.prepare({
      configObjectFullPath: undefined,
      packageJsonFullPath: join(projectFolder, 'package.json'),
      configObject: {
        projectFolder,
        mainEntryPointFilePath: types,
        newlineKind: 'lf',
        compiler: {
          overrideTsconfig: {
            compilerOptions: {
              module: 'nodenext',
              target: 'es2023',
              lib: ['es2023', 'dom'],
              skipLibCheck: true,
              types: ['node'],
            },
            files: [types],
          },
        },
        apiReport: {
          enabled: true,
          reportFileName: 'entry.api.md',
          reportFolder: scratch,
          reportTempFolder: join(scratch, 'temp'),
          includeForgottenExports: true,
        },
        docModel: { enabled: false },
        dtsRollup: { enabled: false },
        tsdocMetadata: { enabled: false },
        messages: {
          compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
          extractorMessageReporting: silent,
          tsdocMessageReporting: silent,
        },
      },
    });
    const problems = /** @type {string[]} */ ([]);
    Extractor.invoke(config, {
      localBuild: true,
      messageCallback(message) {
        if (message.logLevel === ExtractorLogLevel.Error) problems.push(message.text);
        message.handled = true;
      },
    });
    if (problems.length > 0) throw new Error(`${entry.package}, ${entry.entry}: ${problems.join('; ')}`);
    return readFileSync(join(scratch, 'entry.api.md'), 'utf8');
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * What differs between two folders of reports, a line each.
 * @param {string} fresh
 * @param {string} [packages]
 */
export function compareReports(fresh, packages = join(ROOT, 'packages')) {
  const paths = (/** @type {string} */ folder) =>
    namesIn(folder).flatMap((name) =>
      listFiles(join(folder, name, 'api'))
        .filter((path) => path.endsWith('.api.md'))
        .map((path) => `${name}/api/${path}`),
    );
  const [before, after] = [paths(packages), paths(fresh)];
  return [
    ...after.filter((path) => !before.includes(path)).map((path) => `packages/${path}: a new entry`),
    ...before
      .filter((path) => !after.includes(path))
      .map((path) => `packages/${path}: no such entry any more`),
    ...after
      .filter((path) => before.includes(path))
      .flatMap((path) => differences(`packages/${path}`, join(packages, path), join(fresh, path))),
    ...after.flatMap((path) => missingWords(path, fresh)),
  ];
}

/** Packages whose main entries are what editors show most: no name there, and no option, is without a word. */
const DOCUMENTED = ['agent-sdk', 'env-server', 'exporter', 'robot'];

/**
 * What a report shows without a doc comment: exported names, and the members of exported types of options.
 * @param {string} report
 * @returns {string[]}
 */
export function undocumentedNames(report) {
  const names = report.matchAll(/^\/\/ @public \(undocumented\)\nexport (?:declare |abstract )*\w+ (\w+)/gm);
  const options = report.matchAll(/^export interface (\w*Options)\b[^\n]*\{\n([\s\S]*?)^\}/gm);
  return [
    ...[...names].map(([, name = '']) => name),
    ...[...options].flatMap(([, type, members = '']) =>
      [...members.matchAll(/\/\/ \(undocumented\)\n\s+(?:readonly )?(\w+)/g)].map(
        ([, member]) => `${type}.${member}`,
      ),
    ),
  ];
}

/**
 * @param {string} path
 * @param {string} folder
 */
function missingWords(path, folder) {
  if (!DOCUMENTED.some((name) => path === `${name}/api/index.api.md`)) return [];
  const report = readFileSync(join(folder, path), 'utf8');
  return undocumentedNames(report).map((name) => `packages/${path}: ${name} has no doc comment`);
}

/**
 * The lines that one of the two has and the other has not.
 * @param {string} name
 * @param {string} committed
 * @param {string} fresh
 */
function differences(name, committed, fresh) {
  // A checkout on Windows may have other line ends.
  const read = (/** @type {string} */ path) => readFileSync(path, 'utf8').replaceAll('\r\n', '\n');
  const [before, after] = [read(committed), read(fresh)];
  if (before === after) return [];
  const [had, has] = [new Set(before.split('\n')), new Set(after.split('\n'))];
  const gone = [...had].filter((line) => !has.has(line)).map((line) => `  - ${line}`);
  const come = [...has].filter((line) => !had.has(line)).map((line) => `  + ${line}`);
  return [name, ...gone, ...come];
}

/**
 * How many names each entry offers.
 * @param {string} [packages]
 */
function countNames(packages = join(ROOT, 'packages')) {
  return entriesOf(packages).map((entry) => {
    const text = readFileSync(join(packages, reportPath(entry)), 'utf8');
    const names = new Set([
      ...[...text.matchAll(/^export (?:declare )?(?:abstract )?\w+ (?:function )?(\w+)/gm)].map(
        ([, name]) => name,
      ),
      ...[...text.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, list = '']) => list.match(/\w+/g) ?? []),
    ]);
    return { ...entry, names: names.size };
  });
}

if (isMain(import.meta.url)) {
  writeReports(join(ROOT, 'packages'));
  for (const { package: name, entry, names } of countNames()) {
    console.log(`@gymwire/${name}${entry === 'index' ? '' : `/${entry}`}: ${names} names`);
  }
}
