// Finding and starting the project's own tools without a shell, so that the scripts work on every platform.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The workspace's folder. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');

const require = createRequire(join(ROOT, 'package.json'));

/** The JavaScript file behind a package's command; the `.bin` shims differ from platform to platform. */
export function binPath(packageName, command = packageName) {
  const manifestPath = findManifest(packageName);
  const { bin } = JSON.parse(readFileSync(manifestPath, 'utf8'));
  const relative = typeof bin === 'string' ? bin : bin?.[command];
  if (relative === undefined) throw new Error(`${packageName} has no command "${command}"`);
  return join(dirname(manifestPath), relative);
}

function findManifest(packageName) {
  // Not through the package's entry: its `exports` need not list package.json, and need not have a main.
  for (const folder of require.resolve.paths(packageName) ?? []) {
    const candidate = join(folder, packageName, 'package.json');
    try {
      readFileSync(candidate);
      return candidate;
    } catch {
      // Look one folder up.
    }
  }
  throw new Error(`${packageName} is not installed: run \`npm ci\` first`);
}

/**
 * Runs a program to its end.
 * `capture: true` collects its output instead of showing it. Never throws for a failed program.
 * @returns {Promise<{code: number, stdout: string, stderr: string}>}
 */
export function run(program, args, { cwd = ROOT, env = process.env, capture = false } = {}) {
  return new Promise((resolvePromise) => {
    const child = spawn(program, args, { cwd, env, stdio: capture ? ['ignore', 'pipe', 'pipe'] : 'inherit' });
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr']) {
      child[stream]?.setEncoding('utf8').on('data', (text) => {
        output[stream] += text;
      });
    }
    child.on('error', (error) =>
      resolvePromise({ ...output, code: 1, stderr: output.stderr + error.message }),
    );
    child.on('close', (code) => resolvePromise({ ...output, code: code ?? 1 }));
  });
}

/** Runs one of the installed packages' commands with this very Node. */
export function runTool(packageName, args, { command, ...options } = {}) {
  return run(process.execPath, [binPath(packageName, command), ...args], options);
}

/** Whether a module is the program that was started, rather than imported. */
export function isMain(metaUrl) {
  return process.argv[1] !== undefined && metaUrl === pathToFileURL(process.argv[1]).href;
}
