/** What a stranger gets: every package packed, installed into an empty folder, imported and used there. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { entriesOf, listFiles, npmPath, PACKAGES, ROOT, run, runNode, runNpm } from '../../scripts/tools.mjs';
import { codeBlocks } from '../support/markdown.ts';
import { installPacked, packPackages } from '../support/packed.ts';

let tarballs: string;
/** A machine that deploys: the exporter and what it needs. */
let deployed: string;
/** A computer at a robot. */
let atRobot: string;
/** A machine with everything. */
let complete: string;

beforeAll(async () => {
  [tarballs, deployed, atRobot, complete] = ['tarballs', 'deployed', 'robot', 'complete'].map((name) =>
    mkdtempSync(join(tmpdir(), `gymwire-${name}-`)),
  ) as [string, string, string, string];
  await packPackages(tarballs);
  await installPacked(deployed, tarballs, ['onnx-graph', 'exporter']);
  await installPacked(atRobot, tarballs, ['protocol', 'env', 'robot']);
  await installPacked(complete, tarballs, PACKAGES);
}, 300_000);

afterAll(() => {
  for (const folder of [tarballs, deployed, atRobot, complete])
    rmSync(folder, { recursive: true, force: true });
});

/** The names of all packages installed in a folder, at any depth. */
function installed(folder: string): string[] {
  return listFiles(join(folder, 'node_modules'))
    .map((path) => /^(?:.*node_modules\/)?((?:@[^/]+\/)?[^/]+)\/package\.json$/.exec(path)?.[1])
    .filter((name) => name !== undefined);
}

/** Imports a package in a folder, in a Node of its own. */
async function importIn(folder: string, name: string): Promise<{ code: number; stderr: string }> {
  const program = `const m = await import('${name}'); if (typeof m !== 'object') throw new Error('no module');`;
  return run(process.execPath, ['--input-type=module', '--eval', program], { cwd: folder, capture: true });
}

describe('a machine that deploys', () => {
  it('installs the exporter without gRPC, tfjs and the rest of gymwire', () => {
    const names = installed(deployed);
    expect(names).toContain('@gymwire/exporter');
    expect(names).toContain('onnxruntime-node');
    expect(
      names.filter((name) => /^@(grpc|tensorflow)\/|^@gymwire\/(?!exporter$|onnx-graph$)/.test(name)),
    ).toEqual([]);
  });

  it.each(['@gymwire/onnx-graph', '@gymwire/exporter'])('imports %s', async (name) => {
    expect(await importIn(deployed, name)).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('a computer at a robot', () => {
  it('installs the control loop without MuJoCo, tfjs and servers', async () => {
    const names = installed(atRobot);
    expect(names).toContain('@gymwire/robot');
    expect(
      names.filter((name) =>
        /^@(mujoco|tensorflow)\/|^onnxruntime|^@gymwire\/(?!robot$|env$|protocol$)/.test(name),
      ),
    ).toEqual([]);
    expect(await importIn(atRobot, '@gymwire/robot')).toMatchObject({ code: 0, stderr: '' });
  });
});

describe.each(PACKAGES)('the packed %s', (name) => {
  const files = () =>
    listFiles(join(complete, 'node_modules', '@gymwire', name)).filter(
      (path) => !path.startsWith('node_modules/'),
    );

  it.each(entriesOf(name))('imports as %s', async (entry) => {
    expect(await importIn(complete, entry)).toMatchObject({ code: 0, stderr: '' });
  });

  it('brings its licence, and neither tests, sources nor build leftovers', () => {
    expect(files()).toEqual(expect.arrayContaining(['LICENSE', 'NOTICE', 'package.json']));
    const stray = files().filter((path) =>
      /\.test\.|\/testing\/|\.tsbuildinfo$|^src\/|(?<!\.d)\.ts$|\.map$/.test(path),
    );
    expect(stray).toEqual([]);
  });
});

it('carries the wire contract in protocol', () => {
  const folder = join(complete, 'node_modules', '@gymwire', 'protocol', 'proto');
  expect(existsSync(join(folder, 'gymwire', 'v1', 'env_service.proto'))).toBe(true);
});

/** `npx gymwire …` in the folder with everything, without npx's own way to the registry. */
function npxArguments(args: readonly string[]): string[] {
  return ['exec', '--offline', '--no', '--', 'gymwire', ...args];
}

async function gymwire(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runNpm(npxArguments(args), { cwd: complete, capture: true });
  expect([args, code, code === 0 ? '' : stderr]).toEqual([args, 0, '']);
  return stdout;
}

/** npm, its shell and the program in it end together. */
function endTree(child: ChildProcess): void {
  if (child.pid === undefined) return;
  if (process.platform === 'win32') spawnSync('taskkill', ['/pid', String(child.pid), '/t', '/f']);
  else process.kill(-child.pid, 'SIGTERM');
}

/** `npx gymwire serve`. @returns its address */
async function serve(): Promise<string> {
  const child = spawn(process.execPath, [npmPath(), ...npxArguments(['--json', 'serve', '--port', '0'])], {
    cwd: complete,
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  onTestFinished(async () => {
    endTree(child);
    await closed;
  });
  const [line] = (await Promise.race([once(child.stdout, 'data'), closed])) as [unknown];
  const { address } = JSON.parse(String(line)) as { address: string };
  return address;
}

const deployedProgram = `
import { OnnxPolicy, verifyPolicy } from '@gymwire/exporter';
const report = await verifyPolicy('policy.onnx');
if (!report.ok) throw new Error(report.message);
const policy = await OnnxPolicy.load('policy.onnx');
const [torque] = await policy.act(Float32Array.of(1, 0, 0));
await policy.dispose();
console.log(policy.metadata.envId, Math.abs(torque) <= 2);
`;

describe('the walk of a stranger', () => {
  it('serves, trains, exports, verifies and runs with npx, and the policy runs where there is nothing else', async () => {
    const address = await serve();
    await gymwire('train', '--env', 'Pendulum-v1', '--steps', '200', '--out', 'run', '--server', address);
    await gymwire('export', 'run', '--out', 'policy.onnx');
    expect(await gymwire('verify', 'policy.onnx')).toContain('ok: 32 recorded actions reproduced');
    const played = await gymwire('run', 'policy.onnx', '--episodes', '1', '--server', address);
    expect(played).toMatch(/episode 1: return -\d+\.\d\d, 200 steps/);

    copyFileSync(join(complete, 'policy.onnx'), join(deployed, 'policy.onnx'));
    writeFileSync(join(deployed, 'use.mjs'), deployedProgram);
    const use = await runNode(join(deployed, 'use.mjs'), [], { cwd: deployed, capture: true });
    expect(use).toEqual({ code: 0, stdout: 'Pendulum-v1 true\n', stderr: '' });
  });

  it('runs the first program of docs/first-steps.md', async () => {
    const [first] = codeBlocks(readFileSync(join(ROOT, 'docs', 'first-steps.md'), 'utf8')).filter(
      ({ language }) => language === 'js',
    );
    writeFileSync(join(complete, 'first.mjs'), first.code);
    const { code, stdout, stderr } = await runNode(join(complete, 'first.mjs'), [], {
      cwd: complete,
      capture: true,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(first.code).toContain(`// ${stdout.trim()}`);
  });
});
