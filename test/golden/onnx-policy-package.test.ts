/** A machine that deploys has the exporter, onnx-graph and their libraries: no agent-sdk, no gRPC, no tfjs. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROOT, runNode, runTool } from '../../scripts/tools.mjs';

const folder = mkdtempSync(join(tmpdir(), 'gymwire-deploy-'));

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

/** What npm would make of the packed package: its own files, and links to the libraries it names. */
function install(name: string, files: readonly string[]): void {
  const source = join(ROOT, 'packages', name);
  const target = join(folder, 'node_modules', '@gymwire', name);
  for (const file of [...files, 'package.json']) {
    cpSync(join(source, file), join(target, file), { recursive: true });
  }
  const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as Manifest;
  for (const library of Object.keys(manifest.dependencies)) {
    if (library.startsWith('@gymwire/')) continue;
    const link = join(target, 'node_modules', library);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(libraryFolder(source, library), link, 'junction');
  }
}

function libraryFolder(from: string, library: string): string {
  const entry = createRequire(join(from, 'package.json')).resolve(library);
  const end = entry.lastIndexOf(join('node_modules', library)) + join('node_modules', library).length;
  return entry.slice(0, end);
}

beforeAll(() => {
  install('exporter', ['dist']);
  install('onnx-graph', ['dist']);
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('names no dependency that a deployment should not have', () => {
  const manifest = JSON.parse(
    readFileSync(join(ROOT, 'packages', 'exporter', 'package.json'), 'utf8'),
  ) as Manifest;
  expect(Object.keys(manifest.dependencies).sort()).toEqual(['@gymwire/onnx-graph', 'onnxruntime-node', 'zod']);
});

it('exports, writes, verifies and acts', async () => {
  writeFileSync(
    join(folder, 'use.mjs'),
    `import { exportPolicy, OnnxPolicy, verifyPolicy, writePolicyFile } from '@gymwire/exporter';
    const one = Float32Array.of(1);
    const { bytes } = await exportPolicy({
      envId: 'Tiny-v0', envSteps: 0, configHash: '0'.repeat(64),
      actor: [{ inputs: 1, outputs: 1, weight: one, bias: Float32Array.of(0) }],
      actionLow: Float32Array.of(-2), actionHigh: Float32Array.of(2),
      observationLow: Float32Array.of(-8), observationHigh: Float32Array.of(8),
    });
    await writePolicyFile('policy.onnx', bytes);
    const report = await verifyPolicy('policy.onnx');
    const policy = await OnnxPolicy.load('policy.onnx');
    const [action] = await policy.act(one);
    console.log(report.ok, (action - 2 * Math.tanh(1)).toFixed(5));`,
  );
  const { code, stdout, stderr } = await runNode(join(folder, 'use.mjs'), [], { cwd: folder, capture: true });
  expect(stderr).toBe('');
  expect(stdout.trim()).toMatch(/^true -?0\.00000$/);
  expect(code).toBe(0);
});

it('has declarations that stand alone, without types of Node', async () => {
  writeFileSync(
    join(folder, 'use.ts'),
    `import { exportPolicy, ExporterError, OnnxPolicy, verifyPolicy, type PolicySnapshot } from '@gymwire/exporter';
    export async function use(snapshot: PolicySnapshot): Promise<Float32Array> {
      const { bytes, parity } = await exportPolicy(snapshot);
      const report = await verifyPolicy(bytes);
      if (!report.ok) throw new ExporterError(report.code, report.message);
      const policy: OnnxPolicy = await OnnxPolicy.load(bytes);
      const worst: number = parity.maxError + report.golden.maxError;
      return (await policy.act(snapshot.actionLow)).map((x) => x + worst);
    }`,
  );
  const flags = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--module', 'nodenext', '--target', 'es2023'];
  const { code, stdout } = await runTool('typescript', [...flags, '--types', '', 'use.ts'], {
    cwd: folder,
    capture: true,
    command: 'tsc',
  });
  expect(stdout).toBe('');
  expect(code).toBe(0);
});
