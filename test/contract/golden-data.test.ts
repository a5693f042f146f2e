/** Golden tests without their data fail, every one of them; a skipped or passing one would prove nothing. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT, runTool } from '../../scripts/tools.mjs';

interface Report {
  readonly testResults: ReadonlyArray<{
    readonly name: string;
    readonly message: string;
    readonly assertionResults: ReadonlyArray<{ readonly failureMessages: readonly string[] }>;
  }>;
}

const golden = join(ROOT, 'test', 'golden');
const tests = [
  'gymnasium.test.ts',
  'td3.test.ts',
  'td3-compiled.test.ts',
  'onnx-policy.test.ts',
  'mujoco.test.ts',
];
let copy: string;
let report: Report;

beforeAll(async () => {
  copy = mkdtempSync(join(tmpdir(), 'gymwire-golden-'));
  cpSync(join(ROOT, 'vitest.config.ts'), join(copy, 'vitest.config.ts'));
  cpSync(join(ROOT, 'package.json'), join(copy, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'junction');
  for (const file of readdirSync(golden).filter((name) => name.endsWith('.ts'))) {
    cpSync(join(golden, file), join(copy, 'test', 'golden', file));
  }
  const output = join(copy, 'report.json');
  const args = ['run', '--root', copy, '--reporter=json', `--outputFile=${output}`, ...tests];
  await runTool('vitest', args, { cwd: copy, capture: true });
  report = JSON.parse(readFileSync(output, 'utf8')) as Report;
}, 120_000);

afterAll(() => rmSync(copy, { recursive: true, force: true }));

describe('without golden data', () => {
  it.each(tests)('%s fails, and names the file', (file) => {
    const result = report.testResults.find(({ name }) => basename(name) === file);
    const messages = [
      result?.message,
      ...(result?.assertionResults ?? []).flatMap((test) => test.failureMessages),
    ];
    expect(messages.join('\n')).toMatch(/ENOENT.*golden.*\.(json|onnx)/);
  });
});
