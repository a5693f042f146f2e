// Everything that must hold, in one run: gate, tests, oracles, and the newest Node. Called by `.ci/run` after
// `npm ci`. A stage that fails does not stop the next; the last line is the sum.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binPath, ROOT, readJson, run, runNpm } from './tools.mjs';

/**
 * @typedef {{passed: number, failed: number}} Count
 * @typedef {{status: string, fullName: string, failureMessages: readonly string[]}} TestReport
 * @typedef {{name: string, status: string, message: string, assertionResults: readonly TestReport[]}} FileReport
 * @typedef {{numPassedTests: number, numFailedTests: number, testResults: readonly FileReport[]}} VitestReport
 */

/** What failed, said once more at the end: logs are long, and often only their end is kept. */
const failures = /** @type {string[]} */ ([]);
const scratch = mkdtempSync(join(tmpdir(), 'gymwire-ci-'));
const NODE_FOLDERS = /** @type {Readonly<Record<string, string>>} */ ({ win32: 'win' });

/** @type {ReadonlyArray<[name: string, stage: () => Promise<Count>]>} */
const STAGES = [
  ['npm run check', checkStage],
  ['npm test', () => testStage('tests', (flags) => runNpm(['test', '--', ...flags]))],
  ['npm run test:long', () => testStage('long', (flags) => runNpm(['run', 'test:long', '--', ...flags]))],
  ['npm run test:oracles', oracleStage],
  ['the newest Node', newestNodeStage],
];

async function checkStage() {
  const report = join(scratch, 'check.json');
  const { code } = await runNpm(['run', 'check'], { env: { ...process.env, GYMWIRE_REPORT: report } });
  return readReport('npm run check', report) ?? { passed: 0, failed: code === 0 ? 0 : 1 };
}

/** Two runners in one stage: vitest, and pytest for bridges/python. */
async function oracleStage() {
  const report = join(scratch, 'python.json');
  const env = { ...process.env, GYMWIRE_REPORT: report };
  const count = await testStage('oracles', (flags) =>
    runNpm(['run', 'test:oracles', '--', ...flags], { env }),
  );
  const python = readReport('npm run test:oracles', report) ?? { passed: 0, failed: 1 };
  return { passed: count.passed + python.passed, failed: count.failed + python.failed };
}

/**
 * The counts that a stage's own runner wrote, if it did; what failed is noted.
 * @param {string} stage
 * @param {string} path
 * @returns {Count | undefined}
 */
function readReport(stage, path) {
  if (!existsSync(path)) return undefined;
  const { passed, failed } = /** @type {{passed: number, failed: readonly string[]}} */ (readJson(path));
  failures.push(...failed.map((name) => `${stage}: ${name}`));
  return { passed, failed: failed.length };
}

/**
 * Runs vitest, however it is started, and counts what it reports.
 * @param {string} name
 * @param {(flags: readonly string[]) => Promise<{code: number}>} start
 * @returns {Promise<Count>}
 */
async function testStage(name, start) {
  const report = join(scratch, `${name}.json`);
  const { code } = await start(['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]);
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests, testResults } = /** @type {VitestReport} */ (readJson(report));
  // A file that fails to load reports no test, and would pass unnoticed in a count of tests.
  const broken = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  const failed = numFailedTests + broken.length;
  failures.push(...broken.map((file) => `${file.name}: ${file.message}`));
  for (const file of testResults) {
    const tests = file.assertionResults.filter(({ status }) => status === 'failed');
    failures.push(
      ...tests.map(
        (test) => `${file.name}: ${test.fullName}\n${test.failureMessages.join('\n').slice(0, 2000)}`,
      ),
    );
  }
  return { passed: numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed };
}

/** The newest Node on npm runs the unit tests, and walks from a training over the wire to a verified policy. */
async function newestNodeStage() {
  const node = await installNewestNode();
  const sum = await testStage('newest-node', (flags) =>
    run(node, [binPath('vitest'), 'run', '--project', 'unit', '--project', 'unit-mocked', ...flags]),
  );
  const cli = join(ROOT, 'packages', 'cli', 'bin', 'gymwire.js');
  const trained = join(scratch, 'run');
  const policy = join(scratch, 'policy.onnx');
  const walk = [
    ['--version'],
    ['train', '--env', 'Pendulum-v1', '--steps', '1200', '--out', trained],
    ['export', trained, '--out', policy],
    ['verify', policy],
  ];
  for (const args of walk) {
    console.log(`gymwire ${args.join(' ')}`);
    const { code } = await run(node, [cli, ...args]);
    sum[code === 0 ? 'passed' : 'failed'] += 1;
    if (code !== 0) failures.push(`the newest Node: gymwire ${args.join(' ')}: exit code ${code}`);
  }
  return sum;
}

/** The path of the program, taken from npm's packages of Node's binaries. */
async function installNewestNode() {
  const folder = join(scratch, 'node');
  const name = `node-${NODE_FOLDERS[process.platform] ?? process.platform}-${process.arch}`;
  const args = [
    'install',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--prefix',
    folder,
    `${name}@latest`,
  ];
  const { code, stdout, stderr } = await runNpm(args, { capture: true });
  if (code !== 0) throw new Error(`cannot install ${name}:\n${stdout}${stderr}`);
  const program = join(
    folder,
    'node_modules',
    name,
    'bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  );
  const version = await run(program, ['--version'], { capture: true });
  console.log(`Node ${version.stdout.trim()}`);
  return program;
}

const sum = { passed: 0, failed: 0 };
for (const [name, stage] of STAGES) {
  console.log(`\n==== ${name}`);
  const start = performance.now();
  const count = await stage().catch((error) => {
    console.error(error);
    failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    return { passed: 0, failed: 1 };
  });
  console.log(`---- ${name}: ${count.passed} passed, ${count.failed} failed (${secondsSince(start)} s)`);
  sum.passed += count.passed;
  sum.failed += count.failed;
}
rmSync(scratch, { recursive: true, force: true });

/** @param {number} start */
function secondsSince(start) {
  return Math.round((performance.now() - start) / 1000);
}

if (failures.length > 0) console.log(`\n==== failed\n${failures.join('\n\n')}`);
console.log(`\n${sum.passed} passed, ${sum.failed} failed`);
process.exitCode = sum.failed === 0 && sum.passed > 0 ? 0 : 1;
