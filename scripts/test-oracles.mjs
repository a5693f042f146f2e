// Runs the tests that ask others' programs (real Gymnasium, ONNX Runtime for Python, grpcurl) about our results, and
// those of bridges/python, which is written in Python itself.
// Their pinned Python packages are installed once into .cache/oracles. Nothing is skipped: without Python, or
// without one of the packages, this fails and says what is missing.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { preparePython } from './python.mjs';
import { ROOT, run, runTool } from './tools.mjs';

/** Simulators that are batches: large, and of one system. */
const BATCH = join(ROOT, 'test', 'oracles', 'batch', 'requirements.txt');
const REQUIREMENTS = join(ROOT, 'test', 'oracles', 'requirements.txt');
/** Simulators that others wrote: they want packages of their own. */
const THIRD_PARTY = join(ROOT, 'test', 'oracles', 'third-party', 'requirements.txt');
/** Ray, which is large and wants packages of its own. */
const RAY = join(ROOT, 'test', 'oracles', 'ray', 'requirements.txt');
const BRIDGE = join(ROOT, 'bridges', 'python');

async function main() {
  process.env['GYMWIRE_BATCH_PYTHON'] = await preparePython(BATCH, 'oracles');
  const interpreter = await preparePython(REQUIREMENTS, 'oracles');
  const thirdParty = await preparePython(THIRD_PARTY, 'oracles');
  const ray = await preparePython(RAY, 'oracles');
  const pythonPath = [join(BRIDGE, 'src'), process.env['PYTHONPATH']].filter(Boolean).join(delimiter);
  const interpreters = {
    GYMWIRE_ORACLE_PYTHON: interpreter,
    GYMWIRE_THIRD_PARTY_PYTHON: thirdParty,
    GYMWIRE_RAY_PYTHON: ray,
  };
  const env = { ...process.env, ...interpreters, PYTHONPATH: pythonPath };
  const args = process.argv.slice(2);
  // Who names a file wants that one only.
  const wantsAll = args.every((arg) => arg.startsWith('-'));
  const bridgeCode = wantsAll ? await testBridge(interpreter, env) : 0;
  const { code } = await runTool('vitest', ['run', '--project', 'oracles', ...args], { env });
  return code === 0 ? bridgeCode : code;
}

/**
 * Runs pytest, and reports its counts where `scripts/ci.mjs` looks for them.
 * @param {string} interpreter
 * @param {NodeJS.ProcessEnv} env
 */
async function testBridge(interpreter, env) {
  const scratch = mkdtempSync(join(tmpdir(), 'gymwire-pytest-'));
  const results = join(scratch, 'results.xml');
  const args = ['-m', 'pytest', '-p', 'no:cacheprovider', '-rs', `--junitxml=${results}`];
  const { code } = await run(interpreter, args, { cwd: BRIDGE, env });
  const xml = existsSync(results) ? readFileSync(results, 'utf8') : '';
  rmSync(scratch, { recursive: true, force: true });
  const count = (/** @type {string} */ name) =>
    Number(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`).exec(xml)?.[1] ?? 0);
  const failed = [
    ...xml.matchAll(/<testcase classname="([^"]*)" name="([^"]*)"[^>]*>\s*<(?:failure|error)/g),
  ].map(([, file, name]) => `bridges/python: ${file}: ${name}`);
  if (code !== 0 && failed.length === 0) failed.push(`bridges/python: pytest exited with ${code}`);
  const passed = count('tests') - count('failures') - count('errors') - count('skipped');
  console.log(`bridges/python: ${passed} passed, ${failed.length} failed`);
  const report = process.env['GYMWIRE_REPORT'];
  if (report !== undefined) writeFileSync(report, JSON.stringify({ passed, failed }));
  return code;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
