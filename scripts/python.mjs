// Virtual environments of pinned Python packages, made once into .cache.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run } from './tools.mjs';

const OLDEST_PYTHON = [3, 11];

/**
 * The interpreter of a virtual environment that holds exactly the pinned packages; made where it is missing.
 * @param {string} requirements
 * @param {string} purpose names the folder in .cache
 */
export async function preparePython(requirements, purpose) {
  const python = process.env['GYMWIRE_PYTHON'] ?? (process.platform === 'win32' ? 'python' : 'python3');
  const version = await pythonVersion(python);
  const key = createHash('sha256')
    .update(readFileSync(requirements))
    .update(version)
    .digest('hex')
    .slice(0, 16);
  const folder = join(ROOT, '.cache', purpose, key);
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
      `this needs Python ${wanted} or later, and \`${python}\` does not run (${stderr.trim()}); ` +
        'set GYMWIRE_PYTHON to an interpreter',
    );
  }
  const [major = 0, minor = 0] = stdout.split('.').map(Number);
  if (major !== OLDEST_PYTHON[0] || minor < (OLDEST_PYTHON[1] ?? 0)) {
    throw new Error(`this needs Python ${wanted} or later, and \`${python}\` is ${stdout.trim()}`);
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
  if (code !== 0) throw new Error(`cannot ${what}:\n${stdout}${stderr}`);
}
