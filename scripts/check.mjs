// The gate: every check of the project that needs no network. All of them run, also after one has failed.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareReports, writeReports } from './api-reports.mjs';
import { findBanned } from './banned-phrases.mjs';
import { compareGenerated, generate } from './generate.mjs';
import { listFiles, PACKAGES, ROOT, runNode, runNpm, runTool } from './tools.mjs';

/** @typedef {{code: number, stdout: string, stderr: string}} Outcome */

const capture = /** @type {const} */ ({ capture: true });
const scratch = mkdtempSync(join(tmpdir(), 'gymwire-check-'));

/** @type {ReadonlyArray<[name: string, gate: () => Promise<Outcome>]>} */
const GATES = [
  [
    'format and import order (biome)',
    () => runTool('@biomejs/biome', ['ci', '--colors=off', '.'], { ...capture, command: 'biome' }),
  ],
  ['build (tsc -b)', build],
  [
    'types of tests and scripts (tsc)',
    () => runTool('typescript', ['-b', 'tsconfig.test.json'], { ...capture, command: 'tsc' }),
  ],
  ['lint and import walls (oxlint)', () => runTool('oxlint', [], capture)],
  ['walls at run time', () => runNode(join(ROOT, 'scripts', 'check-walls.mjs'), [], capture)],
  [
    'one table of options, one front door',
    () => runNode(join(ROOT, 'scripts', 'check-copies.mjs'), [], capture),
  ],
  ['banned phrases', bannedPhrases],
  ['generated files', generatedFiles],
  ['one version, one address', () => runNode(join(ROOT, 'scripts', 'manifests.mjs'), ['--check'], capture)],
  [
    'proto style (buf lint)',
    () => runTool('@bufbuild/buf', ['lint', 'proto'], { ...capture, command: 'buf' }),
  ],
  ['wire compatibility (buf breaking)', wireCompatibility],
  ['links of documents', () => runNode(join(ROOT, 'scripts', 'check-links.mjs'), [], capture)],
  [
    'documentation site (typedoc, vitepress)',
    () => runNode(join(ROOT, 'scripts', 'docs.mjs'), ['build'], capture),
  ],
  ['index of results', () => runNode(join(ROOT, 'bench', 'dist', 'main.js'), ['index', '--check'], capture)],
  ['public surface (API Extractor)', publicSurface],
  ['unused code (knip)', () => runTool('knip', ['--no-progress'], capture)],
  ['packages (publint, attw)', packages],
];

async function build() {
  const built = await runTool('typescript', ['-b', 'packages/cli', 'examples', 'bench'], {
    ...capture,
    command: 'tsc',
  });
  const copied = await runNode(join(ROOT, 'scripts', 'copy-assets.mjs'), [], capture);
  return both(built, copied);
}

async function generatedFiles() {
  const fresh = join(scratch, 'generated');
  await generate(fresh);
  return verdict(
    compareGenerated(fresh),
    'generated files are not what their sources say: run `npm run generate`',
  );
}

async function bannedPhrases() {
  const folders = ['packages', 'bench', 'examples', 'test', 'bridges'];
  const hits = folders.flatMap((folder) =>
    listFiles(join(ROOT, folder))
      .filter((path) => /\.(ts|py)$/.test(path) && !/(^|\/)(node_modules|dist)\//.test(path))
      .flatMap((path) => findBanned(`${folder}/${path}`, readFileSync(join(ROOT, folder, path), 'utf8'))),
  );
  return verdict(hits, 'a phrase that is banned');
}

/** Against the contract of the last release, which is committed: a shallow clone has no tags to compare with. */
function wireCompatibility() {
  const args = ['breaking', 'proto', '--against', join('proto', 'baseline.binpb')];
  return runTool('@bufbuild/buf', args, { ...capture, command: 'buf' });
}

async function publicSurface() {
  const fresh = join(scratch, 'api');
  writeReports(fresh);
  return verdict(
    compareReports(fresh),
    'what the packages offer is not what their reports say: if it is meant so, run `npm run api` and commit them',
  );
}

/** Packs every package once and shows the tarballs to both tools. */
async function packages() {
  const folders = PACKAGES.map((name) => join(ROOT, 'packages', name));
  let outcome = await runNpm(
    ['pack', '--ignore-scripts', '--pack-destination', scratch, ...folders],
    capture,
  );
  if (outcome.code !== 0) return outcome;
  outcome = { code: 0, stdout: '', stderr: '' };
  for (const tarball of listFiles(scratch).filter((path) => path.endsWith('.tgz'))) {
    const path = join(scratch, tarball);
    outcome = both(outcome, await runTool('publint', ['run', path, '--strict'], capture));
    const flags = ['--profile', 'esm-only', '--no-definitely-typed', '--format', 'ascii', '--no-emoji'];
    outcome = both(
      outcome,
      await runTool('@arethetypeswrong/cli', [path, ...flags], { ...capture, command: 'attw' }),
    );
  }
  return outcome;
}

/**
 * @param {Outcome} first
 * @param {Outcome} second
 * @returns {Outcome}
 */
function both(first, second) {
  const failed = [first, second].filter(({ code }) => code !== 0);
  return {
    code: failed[0]?.code ?? 0,
    stdout: failed.map(({ stdout }) => stdout).join(''),
    stderr: failed.map(({ stderr }) => stderr).join(''),
  };
}

/**
 * @param {readonly string[]} faults
 * @param {string} title
 * @returns {Outcome}
 */
function verdict(faults, title) {
  return { code: faults.length === 0 ? 0 : 1, stdout: `${[title, ...faults].join('\n')}\n`, stderr: '' };
}

/** @param {() => Promise<Outcome>} gate */
async function attempt(gate) {
  try {
    return await gate();
  } catch (error) {
    return { code: 1, stdout: '', stderr: `${error instanceof Error ? error.message : String(error)}\n` };
  }
}

const failed = /** @type {string[]} */ ([]);
for (const [name, gate] of GATES) {
  const start = performance.now();
  const { code, stdout, stderr } = await attempt(gate);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${code === 0 ? 'pass' : 'FAIL'}  ${name}  (${seconds} s)`);
  if (code !== 0) {
    failed.push(name);
    console.log(`${stdout}${stderr}`.replaceAll(/^/gm, '      '));
  }
}
rmSync(scratch, { recursive: true, force: true });
console.log(`gates: ${GATES.length - failed.length} passed, ${failed.length} failed`);
const report = process.env['GYMWIRE_REPORT'];
if (report !== undefined)
  writeFileSync(report, JSON.stringify({ passed: GATES.length - failed.length, failed }));
process.exitCode = failed.length === 0 ? 0 : 1;
