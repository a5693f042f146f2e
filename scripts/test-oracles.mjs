// Runs the tests that ask others' programs (real Gymnasium, ONNX Runtime for Python, grpcurl) about our results, and
// those of bridges/python, which is written in Python itself.
// Their pinned Python packages are installed once into .cache/oracles. Nothing is skipped: without Python, or
// without one of the packages, this fails and says what is missing.
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ROOT, run, runTool } from './tools.mjs';

const REQUIREMENTS = join(ROOT, 'test', 'oracles', 'requirements.txt');
/** Simulators that others wrote: they want packages of their own. */
const THIRD_PARTY = join(ROOT, 'test', 'oracles', 'third-party', 'requirements.txt');
const BRIDGE = join(ROOT, 'bridges', 'python');
const OLDEST_PYTHON = [3, 11];

async function main() {
  const interpreter = await preparePython(REQUIREMENTS);
  const thirdParty = await preparePython(THIRD_PARTY);
  const pythonPath = [join(BRIDGE, 'src'), process.env['PYTHONPATH']].filter(Boolean).join(delimiter);
  const interpreters = { GYMWIRE_ORACLE_PYTHON: interpreter, GYMWIRE_THIRD_PARTY_PYTHON: thirdParty };
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

/**
 * The interpreter of a virtual environment that holds exactly the pinned packages; made where it is missing.
 * @param {string} requirements
 */
async function preparePython(requirements) {
  const python = process.env['GYMWIRE_PYTHON'] ?? (process.platform === 'win32' ? 'python' : 'python3');
  const version = await pythonVersion(python);
  const key = createHash('sha256')
    .update(readFileSync(requirements))
    .update(version)
    .digest('hex')
    .slice(0, 16);
  const folder = join(ROOT, '.cache', 'oracles', key);
  const interpreter =
    process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return interpreter;

  rmSync(folder, { recursive: true, force: true });
  await must('make a virtual environment', python, ['-m', 'venv', folder]);
  const pip = [
    '-m',
    'pip',
    'install',
    '--disable-pip-version-check',
    '--only-binary',
    ':all:',
    '-r',
    requirements,
  ];
  await must(`install the wheels of ${requirements}`, interpreter, pip);
  writeFileSync(complete, '');
  return interpreter;
}

/** @param {string} python */
async function pythonVersion(python) {
  const program = 'import platform; print(platform.python_version(), platform.machine())';
  const { code, stdout, stderr } = await run(python, ['-c', program], { capture: true });
  const wanted = OLDEST_PYTHON.join('.');
  if (code !== 0) {
    throw new Error(
      `the oracle tests need Python ${wanted} or later, and \`${python}\` does not run (${stderr.trim()}); ` +
        'set GYMWIRE_PYTHON to an interpreter',
    );
  }
  const [major = 0, minor = 0] = stdout.split('.').map(Number);
  if (major !== OLDEST_PYTHON[0] || minor < (OLDEST_PYTHON[1] ?? 0)) {
    throw new Error(`the oracle tests need Python ${wanted} or later, and \`${python}\` is ${stdout.trim()}`);
  }
  return stdout.trim();
}

/**
 * @param {string} what
 * @param {string} program
 * @param {readonly string[]} args
 */
async function must(what, program, args) {
  const { code, stdout, stderr } = await run(program, args, { capture: true });
  if (code !== 0) throw new Error(`the oracle tests cannot ${what}:\n${stdout}${stderr}`);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
