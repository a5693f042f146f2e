// `npm run release`: everything that a release consists of, checked, packed and summed up in a folder. Publishes nothing; it
// ends with the commands that would. How: CONTRIBUTING.md, "Releasing".
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { findDrift, readProject } from './manifests.mjs';
import { preparePython } from './python.mjs';
import { makeBom } from './sbom.mjs';
import { isMain, listFiles, PACKAGES, ROOT, run, runNpm } from './tools.mjs';

const CHANGELOG = join(ROOT, 'CHANGELOG.md');

const usage = `npm run release -- [options]

Checks that everything stands ready, runs all tests, and makes what a release consists of: the packages for npm, the Python
package, notes, a list of everything that comes along (SBOM, CycloneDX) and checksums. Publishes nothing.

  --out <folder>  where to (release)
  --dry-run       say what is missing and what would be run; run and write nothing
  --rehearse      make everything without running tests, also when something is missing; not to be published
  --help          this`;

/**
 * @typedef {object} Step
 * @property {string} what
 * @property {(out: string, version: string) => Promise<void>} run
 */

const TESTS = {
  what: 'npm run ci: the gate, all tests, oracles, the newest Node',
  run: () => must(['run', 'ci']),
};

/** @type {readonly Step[]} */
const STEPS = [
  { what: 'npm run build', run: () => must(['run', 'build']) },
  { what: `npm pack: ${PACKAGES.length} packages`, run: packPackages },
  { what: 'python -m build: sdist and wheel of bridges/python', run: buildPython },
  {
    what: 'notes.md: the changelog of this version',
    run: async (out, version) => writeFileSync(join(out, 'notes.md'), `${changesOf(version) ?? ''}\n`),
  },
  {
    what: 'sbom.cdx.json: npm sbom, of what the packages bring along',
    run: async (out) =>
      writeFileSync(join(out, 'sbom.cdx.json'), `${JSON.stringify(await makeBom(), undefined, 2)}\n`),
  },
  { what: 'SHA256SUMS', run: writeSums },
];

/** @param {readonly string[]} args */
async function must(args) {
  const { code } = await runNpm(args);
  if (code !== 0) throw new Error(`npm ${args.join(' ')} failed`);
}

/** @param {string} out */
async function packPackages(out) {
  const folders = PACKAGES.map((name) => join(ROOT, 'packages', name));
  const args = ['pack', '--ignore-scripts', '--pack-destination', makeFolder(out, 'npm'), ...folders];
  const { code, stdout, stderr } = await runNpm(args, { capture: true });
  if (code !== 0) throw new Error(`npm pack failed:\n${stdout}${stderr}`);
}

/** From a copy with the licence in it, which leaves nothing beside the sources. @param {string} out */
async function buildPython(out) {
  const python = await preparePython(join(ROOT, 'scripts', 'release-requirements.txt'), 'release');
  const copy = mkdtempSync(join(tmpdir(), 'gymwire-release-'));
  const bridge = join(ROOT, 'bridges', 'python');
  for (const name of ['pyproject.toml', 'README.md']) cpSync(join(bridge, name), join(copy, name));
  for (const name of ['LICENSE', 'NOTICE']) cpSync(join(ROOT, name), join(copy, name));
  const filter = (/** @type {string} */ path) => !/__pycache__|\.egg-info/.test(path);
  cpSync(join(bridge, 'src'), join(copy, 'src'), { recursive: true, filter });
  const args = ['-m', 'build', '--no-isolation', '--outdir', makeFolder(out, 'python'), copy];
  const { code, stdout, stderr } = await run(python, args, { capture: true });
  rmSync(copy, { recursive: true, force: true });
  if (code !== 0) throw new Error(`python -m build failed:\n${stdout}${stderr}`);
}

/**
 * @param {string} out
 * @param {string} name
 */
function makeFolder(out, name) {
  mkdirSync(join(out, name), { recursive: true });
  return join(out, name);
}

/** Writes the sums as `sha256sum --check` reads them. @param {string} out */
async function writeSums(out) {
  const sums = listFiles(out).map((path) => {
    const hash = createHash('sha256').update(readFileSync(join(out, path)));
    return `${hash.digest('hex')}  ${path}\n`;
  });
  writeFileSync(join(out, 'SHA256SUMS'), sums.join(''));
}

/**
 * The changelog's text below the heading of a released version; undefined: it has none.
 * @param {string} version
 * @param {string} changelog
 */
export function changesOf(version, changelog = readFileSync(CHANGELOG, 'utf8')) {
  const sections = changelog.replaceAll('\r\n', '\n').split(/^## /m);
  const own = sections.find((text) => {
    const [heading = ''] = text.split('\n');
    return heading.startsWith(`[${version}] - `) && / \d{4}-\d\d-\d\d$/.test(heading);
  });
  return own?.slice(own.indexOf('\n') + 1).trim();
}

/**
 * Why this is not to be released yet, a line each.
 * @param {string} version
 */
async function findObstacles(version) {
  const { stdout } = await run('git', ['status', '--porcelain'], { capture: true });
  const tag = await run('git', ['tag', '--list', `v${version}`], { capture: true });
  return [
    ...findDrift(),
    ...(changesOf(version) === undefined
      ? [
          `CHANGELOG.md: expected a heading "## [${version}] - YYYY-MM-DD"; what is in [Unreleased] goes below it`,
        ]
      : []),
    ...(stdout === ''
      ? []
      : [`git: ${stdout.trimEnd().split('\n').length} files are changed or new: commit them first`]),
    ...(tag.stdout === '' ? [] : [`git: there is a tag v${version}: raise "version" in package.json`]),
  ];
}

/**
 * What publishes a release, in order, for a person to run.
 * @param {string} out
 * @param {string} version
 */
function publishingCommands(out, version) {
  const packed = PACKAGES.map(
    (name) => `npm publish ${join(out, 'npm', `gymwire-${name}-${version}.tgz`)} --access public`,
  );
  const python = readdirSync(join(out, 'python')).map((name) => join(out, 'python', name));
  return [
    `git tag -a v${version} -m "gymwire ${version}" && git push origin v${version}`,
    ...packed,
    `python3 -m twine upload ${python.join(' ')}`,
    `gh release create v${version} --verify-tag --notes-file ${join(out, 'notes.md')} ${join(out, 'SHA256SUMS')} ${join(out, 'sbom.cdx.json')}`,
    'npx buf build proto --exclude-source-info -o proto/baseline.binpb   # the contract to compare with from now on; commit it',
  ];
}

async function main() {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: 'release' },
      'dry-run': { type: 'boolean', default: false },
      rehearse: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const { version } = readProject();
  const obstacles = await findObstacles(version);
  const steps = values.rehearse ? STEPS : [TESTS, ...STEPS];
  console.log(`gymwire ${version}`);
  for (const obstacle of obstacles) console.log(`not ready: ${obstacle}`);
  if (values['dry-run']) {
    for (const { what } of steps) console.log(`would run: ${what}`);
    process.exitCode = obstacles.length === 0 ? 0 : 1;
    return;
  }
  if (obstacles.length > 0 && !values.rehearse)
    throw new Error('not ready, so nothing was made; --rehearse makes it all the same');
  const out = resolve(ROOT, values.out);
  if (existsSync(out) && readdirSync(out).length > 0)
    throw new Error(`${out} is not empty: remove it, or name another (--out)`);
  mkdirSync(out, { recursive: true });
  for (const step of steps) {
    console.log(`\n==== ${step.what}`);
    await step.run(out, version);
  }
  console.log(`\n${listFiles(out).length} files in ${out}`);
  if (values.rehearse) console.log('a rehearsal, without tests: not to be published');
  else
    console.log(
      `nothing is published. To publish, one after another:\n\n${publishingCommands(values.out, version).join('\n')}`,
    );
}

if (isMain(import.meta.url)) {
  await main().catch((error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
