/** What a public project has: promises with a test each, and a workflow that takes nothing from others unseen. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findLinks } from '../../scripts/check-links.mjs';
import { readProject, webAddress } from '../../scripts/manifests.mjs';
import { listFiles, ROOT } from '../../scripts/tools.mjs';
import { tableRows } from '../support/markdown.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8').replaceAll('\r\n', '\n');

/** Rows of SECURITY.md's promises whose cell names no test, or one that no run includes. */
function promisesWithoutTest(security: string): string[] {
  return tableRows(security, 'promise').flatMap(([promise = '', heldBy = '']) => {
    const targets = findLinks(heldBy).map(({ target }) => target);
    const isTest = (target: string) =>
      /^(packages\/[\w-]+\/src|test\/(contract|golden|e2e|faults|oracles))\/.*\.test\.ts$|^bridges\/python\/tests\/.*test_\w+\.py$/.test(
        target,
      ) && existsSync(join(ROOT, target));
    return targets.length > 0 && targets.every(isTest) ? [] : [promise];
  });
}

describe('SECURITY.md', () => {
  const security = read('SECURITY.md');

  it('has a test for each promise', () => {
    expect(tableRows(security, 'promise').length).toBeGreaterThan(10);
    expect(promisesWithoutTest(security)).toEqual([]);
  });

  it.each([
    ['test/faults/security.test.ts', 'test/faults/gone.test.ts'],
    ['test/faults/security.test.ts', 'docs/protocol.md'],
    [
      '[security](test/faults/security.test.ts), [Python](bridges/python/tests/test_server.py)',
      'we are sure',
    ],
  ])('turns red when a promise has none: %s becomes %s', (from, to) => {
    const [broken = ''] = promisesWithoutTest(security.replace(from, to));
    expect(broken).toContain('An address that other machines reach');
  });
});

/** What a workflow takes from others without saying which commit, and rights that it does not need. */
function workflowFaults(workflow: string): string[] {
  const actions = [...workflow.matchAll(/^ *(?:- )?uses: *(.*)$/gm)].map(([, action = '']) => action);
  const floating = actions.filter(
    (action) => !/^[\w-]+\/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action),
  );
  const rights = [...workflow.matchAll(/^( *)permissions:(.*(?:\n\1 +.*)*)/gm)].map(
    ([, , text = '']) => text,
  );
  const isLeast = rights.length === 1 && rights[0]?.trim() === 'contents: read';
  const dangers = workflow.match(/pull_request_target|secrets\./g) ?? [];
  return [...floating, ...dangers, ...(isLeast ? [] : ['permissions'])];
}

describe.each(listFiles(join(ROOT, '.github', 'workflows')))('workflow %s', (file) => {
  const workflow = read(`.github/workflows/${file}`);

  it('pins what it uses by commit, and may only read', () => expect(workflowFaults(workflow)).toEqual([]));

  it.each([
    [/@[0-9a-f]{40} # /, '@', 'actions/checkout@v4.2.2'],
    [/@[0-9a-f]{40} # v[\d.]+/, `@${'0'.repeat(40)}`, `actions/checkout@${'0'.repeat(40)}`],
    ['contents: read', 'contents: write', 'permissions'],
    ['permissions:\n  contents: read\n', '', 'permissions'],
    ['pull_request:', 'pull_request_target:', 'pull_request_target'],
  ])('turns red: %s becomes %s', (from, to, fault) => {
    expect(workflowFaults(workflow.replace(from, to))).toEqual([fault]);
  });
});

it('the workflow runs the whole proof on Linux, and says that other systems were not run', () => {
  const workflow = read('.github/workflows/ci.yml');
  expect(workflow).toContain('- run: .ci/run\n');
  expect(workflow).toMatch(/os: \[macos-\d+, windows-\d+\]/);
  expect(workflow).toContain('NOT RUN by those who wrote this');
  expect(read('CONTRIBUTING.md')).toContain('**which nobody has done yet**');
});

it('every address of the project is the one in package.json', () => {
  const files = [
    'README.md',
    'SECURITY.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    ...listFiles(join(ROOT, '.github')).map((path) => `.github/${path}`),
  ];
  const addresses = files.flatMap(
    (path) => read(path).match(/https:\/\/github\.com\/[\w-]+\/gymwire\b/g) ?? [],
  );
  expect(addresses.length).toBeGreaterThan(3);
  expect(new Set(addresses)).toEqual(new Set([webAddress(readProject())]));
});
