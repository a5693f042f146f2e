/** What a stranger gets: every package packed, installed into an empty folder, and imported there. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listFiles, PACKAGES, ROOT, run, runNpm } from '../../scripts/tools.mjs';

let tarballs: string;
/** A machine that deploys: the exporter and what it needs. */
let deployed: string;
/** A machine with everything. */
let complete: string;

beforeAll(async () => {
  [tarballs, deployed, complete] = ['tarballs', 'deployed', 'complete'].map((name) =>
    mkdtempSync(join(tmpdir(), `gymwire-${name}-`)),
  ) as [string, string, string];
  const folders = PACKAGES.map((name) => join(ROOT, 'packages', name));
  await npm(ROOT, ['pack', '--ignore-scripts', '--pack-destination', tarballs, ...folders]);
  await install(deployed, ['onnx-graph', 'exporter']);
  await install(complete, PACKAGES);
}, 300_000);

afterAll(() => {
  for (const folder of [tarballs, deployed, complete]) rmSync(folder, { recursive: true, force: true });
});

async function npm(cwd: string, args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await runNpm(args, { cwd, capture: true });
  if (code !== 0) throw new Error(`npm ${args[0]} failed:\n${stdout}${stderr}`);
}

/** Without install scripts, as the README says, and from npm's cache where it can. */
async function install(folder: string, names: readonly string[]): Promise<void> {
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  const files = readdirSync(tarballs)
    .filter((file) => names.some((name) => file.startsWith(`gymwire-${name}-0`)))
    .map((file) => join(tarballs, file));
  expect(files).toHaveLength(names.length);
  await npm(folder, ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', ...files]);
}

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

describe.each(PACKAGES)('the packed %s', (name) => {
  const files = () =>
    listFiles(join(complete, 'node_modules', '@gymwire', name)).filter(
      (path) => !path.startsWith('node_modules/'),
    );

  it('imports', async () => {
    expect(await importIn(complete, `@gymwire/${name}`)).toMatchObject({ code: 0, stderr: '' });
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
