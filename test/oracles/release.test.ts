/** A release, rehearsed: what it is made of is complete, alike, and installs. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readProject } from '../../scripts/manifests.mjs';
import { listFiles, PACKAGES, ROOT, readJson, run, runNode } from '../../scripts/tools.mjs';
import { oraclePython } from './harness/python.ts';

const { version } = readProject();
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gymwire-release-'));
  const script = join(ROOT, 'scripts', 'release.mjs');
  const { code, stdout, stderr } = await runNode(script, ['--rehearse', '--out', folder], { capture: true });
  if (code !== 0 || !stdout.includes('not to be published')) throw new Error(`${stdout}${stderr}`);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('holds every package, Python’s two, notes, a bill of materials, and sums that are right', () => {
  const made = [
    ...PACKAGES.map((name) => `npm/gymwire-${name}-${version}.tgz`),
    `python/gymwire-${version}-py3-none-any.whl`,
    `python/gymwire-${version}.tar.gz`,
    'notes.md',
    'sbom.cdx.json',
  ];
  expect(listFiles(folder)).toEqual(['SHA256SUMS', ...made].sort());
  const sums = made.sort().map((path) => {
    const hash = createHash('sha256').update(readFileSync(join(folder, path)));
    return `${hash.digest('hex')}  ${path}`;
  });
  expect(readFileSync(join(folder, 'SHA256SUMS'), 'utf8').trimEnd().split('\n')).toEqual(sums);
});

it('lists gRPC, ONNX Runtime, TensorFlow.js and zod as coming along, and no tool of the project', () => {
  const { components } = readJson(join(folder, 'sbom.cdx.json')) as {
    components: ReadonlyArray<{ name: string; purl: string }>;
  };
  const names = components.map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining(['@grpc/grpc-js', 'onnxruntime-node', '@tensorflow/tfjs-core', 'zod']),
  );
  expect(names).toEqual(expect.arrayContaining(PACKAGES.map((name) => `@gymwire/${name}`)));
  expect(
    names.filter((name) => /^(vitest|typescript|oxlint|@gymwire\/(bench|examples))$/.test(name)),
  ).toEqual([]);
  expect(components.every(({ purl }) => purl.startsWith('pkg:npm/'))).toBe(true);
});

it('has a wheel that brings its licence and says the version', async () => {
  const wheel = join(folder, 'python', `gymwire-${version}-py3-none-any.whl`);
  const program = `
import sys, zipfile
names = zipfile.ZipFile(sys.argv[1]).namelist()
assert any(name.endswith('licenses/LICENSE') for name in names), names
assert any(name.endswith('licenses/NOTICE') for name in names), names
assert 'gymwire/py.typed' in names, names
sys.path.insert(0, sys.argv[1])
from gymwire.version import PACKAGE_VERSION
print(PACKAGE_VERSION)
`;
  const { code, stdout, stderr } = await run(oraclePython(), ['-I', '-c', program, wheel], { capture: true });
  expect({ code, stdout: stdout.trim(), stderr }).toEqual({ code: 0, stdout: version, stderr: '' });
});
