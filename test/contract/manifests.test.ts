/** One version and one address: a manifest that says something else turns the gate red. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findDrift, readProject } from '../../scripts/manifests.mjs';
import { PACKAGES, ROOT } from '../../scripts/tools.mjs';

const { version } = readProject();

/** A copy of every file that repeats what the workspace's package.json says. */
let copy: string;

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'gymwire-manifests-'));
  const files = [
    'package.json',
    'package-lock.json',
    ...PACKAGES.map((name) => `packages/${name}/package.json`),
    'bench/package.json',
    'examples/package.json',
    'packages/protocol/src/version.ts',
    'bridges/python/pyproject.toml',
    'bridges/python/src/gymwire/version.py',
    ...['servers', 'trainer', 'seeds'].map((name) => `deploy/kubernetes/${name}/kustomization.yaml`),
  ];
  for (const file of files) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(ROOT, file), join(copy, file));
  }
});

afterEach(() => rmSync(copy, { recursive: true, force: true }));

function change(file: string, from: string, to: string): void {
  const text = readFileSync(join(copy, file), 'utf8');
  expect(text).toContain(from);
  writeFileSync(join(copy, file), text.replace(from, to));
}

it('all say the same', () => {
  expect(findDrift()).toEqual([]);
  expect(findDrift(copy)).toEqual([]);
});

it.each([
  ['packages/cli/package.json', `"version": "${version}"`, '"version": "9.9.9"'],
  ['packages/cli/package.json', `"@gymwire/agent-sdk": "${version}"`, '"@gymwire/agent-sdk": "9.9.9"'],
  ['packages/cli/package.json', 'github.com/gymwire', 'github.com/elsewhere'],
  ['packages/robot/package.json', '"license": "Apache-2.0"', '"license": "MIT"'],
  ['packages/robot/package.json', '    "gymwire",\n', ''],
  ['bench/package.json', `"version": "${version}"`, '"version": "9.9.9"'],
  ['package-lock.json', `"version": "${version}"`, '"version": "9.9.9"'],
  ['packages/protocol/src/version.ts', version, '9.9.9'],
  ['bridges/python/src/gymwire/version.py', version, '9.9.9'],
  ['bridges/python/pyproject.toml', `version = "${version}"`, 'version = "9.9.9"'],
  ['deploy/kubernetes/seeds/kustomization.yaml', `newTag: ${version}`, 'newTag: 9.9.9'],
  ['bridges/python/pyproject.toml', 'github.com/gymwire', 'github.com/elsewhere'],
])('turns red: %s: %s becomes %s', (file, from, to) => {
  change(file, from, to);
  const drift = findDrift(copy);
  expect(drift).toHaveLength(1);
  expect(drift[0].replaceAll('\\', '/')).toMatch(new RegExp(`^${file}:`));
});

it('turns red everywhere else when the one place moves', () => {
  change('package.json', `"version": "${version}"`, '"version": "9.9.9"');
  const files = findDrift(copy).map((line) => line.replaceAll('\\', '/').split(':')[0]);
  expect(files).toEqual(
    expect.arrayContaining([
      'package-lock.json',
      'packages/protocol/src/version.ts',
      'bridges/python/pyproject.toml',
      'bridges/python/src/gymwire/version.py',
      ...PACKAGES.map((name) => `packages/${name}/package.json`),
    ]),
  );
});
