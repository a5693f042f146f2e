/** `npm run release` without making anything: what it would run, what keeps it from running. test/oracles makes it. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { changesOf } from '../../scripts/release.mjs';
import { keepReachable } from '../../scripts/sbom.mjs';
import { ROOT, runNode } from '../../scripts/tools.mjs';

const release = (...args: readonly string[]) =>
  runNode(join(ROOT, 'scripts', 'release.mjs'), args, { capture: true });

it('says what it would run: all tests first', async () => {
  const { stdout, stderr } = await release('--dry-run');
  expect(stderr).toBe('');
  const steps = [...stdout.matchAll(/^would run: ([\w.]+(?: -?\w+)*)/gm)].map(([, step]) => step);
  expect(steps).toEqual([
    'npm run ci',
    'npm run build',
    'npm pack',
    'python -m build',
    'notes.md',
    'sbom.cdx.json',
    'SHA256SUMS',
  ]);
});

it('takes its notes from the changelog, and only from a version with a date', () => {
  const changelog =
    '# Changelog\n\n## [Unreleased]\n\n- later\n\n## [0.2.0] - 2027-01-02\n\n### Added\n\n- this\n\n## [0.1.0] - 2026-12-01\n\n- that\n';
  expect(changesOf('0.2.0', changelog)).toBe('### Added\n\n- this');
  expect(changesOf('0.1.0', changelog)).toBe('- that');
  expect(changesOf('0.3.0', changelog)).toBeUndefined();
  expect(changesOf('0.2.0', changelog.replace(' - 2027-01-02', ''))).toBeUndefined();
});

it('refuses options that there are not', async () => {
  const { code, stderr } = await release('--publish');
  expect(code).toBe(1);
  expect(stderr).toContain('--publish');
});

it('lists what packages bring along, and not what only their tests need', () => {
  const component = (ref: string) => ({ 'bom-ref': ref, name: 'x' });
  const bom = {
    metadata: { component: component('workspace@1.0.0') },
    components: ['@our/a@1.0.0', 'used@1.0.0', '@deep/er@2.0.0', 'tool@1.0.0', 'unused@1.0.0'].map(component),
    dependencies: [
      { ref: '@our/a@1.0.0', dependsOn: ['used@1.0.0', 'tool@1.0.0'] },
      { ref: 'used@1.0.0', dependsOn: ['@deep/er@2.0.0'] },
      { ref: '@deep/er@2.0.0', dependsOn: ['used@1.0.0'] },
      { ref: 'tool@1.0.0', dependsOn: ['unused@1.0.0'] },
    ],
  };
  const kept = keepReachable(bom, [{ ref: '@our/a@1.0.0', names: ['used'] }]);
  expect(kept.components.map(({ name }) => name)).toEqual(['@our/a', 'used', '@deep/er']);
  expect(kept.dependencies[0]).toEqual({ ref: 'workspace@1.0.0', dependsOn: ['@our/a@1.0.0'] });
  expect(() => keepReachable(bom, [{ ref: '@our/b@1.0.0', names: [] }])).toThrow(/npm ci/);
});
