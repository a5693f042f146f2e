/** What GitHub reads, by others' programs that know what it takes: actionlint, and its schemas of issue forms. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { preparePython } from '../../scripts/python.mjs';
import { listFiles, ROOT, run } from '../../scripts/tools.mjs';
import { installGoProgram } from './harness/go-program.ts';

const workflows = join(ROOT, '.github', 'workflows');
const forms = join(ROOT, '.github', 'ISSUE_TEMPLATE');

let actionlint: string;
let python: string;

beforeAll(async () => {
  actionlint = await installGoProgram('github.com/rhysd/actionlint/cmd/actionlint', 'v1.7.12');
  python = await preparePython(join(ROOT, 'test', 'oracles', 'github-requirements.txt'), 'github');
});

/** A copy of a file with a change in it. */
function changed(path: string, from: string, to: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'gymwire-github-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(from);
  writeFileSync(join(folder, 'changed.yml'), text.replace(from, to));
  return join(folder, 'changed.yml');
}

// Without the programs that it would ask about scripts, if they happen to be there.
const lint = (...paths: readonly string[]) =>
  run(actionlint, ['-no-color', '-shellcheck=', '-pyflakes=', ...paths], { capture: true });

describe('actionlint', () => {
  it('finds nothing in the workflows', async () => {
    const paths = listFiles(workflows).map((file) => join(workflows, file));
    expect(paths.length).toBeGreaterThan(0);
    expect(await lint(...paths)).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  it.each([
    ['runs-on: ubuntu-24.04', 'runs-on: ubuntu-1.0', /runner-label/],
    ['matrix.os }} (not', 'matrix.system }} (not', /property "system" is not defined/],
    ['    timeout-minutes: 120', '    timeout: 120', /unexpected key "timeout"/],
    ['steps.python.outputs', 'steps.pythno.outputs', /property "pythno" is not defined/],
  ])('turns red: %s becomes %s', async (from, to, message) => {
    const { code, stdout } = await lint(changed(join(workflows, 'ci.yml'), from, to));
    expect(code).toBe(1);
    expect(stdout).toMatch(message);
  });
});

const validate = (schema: string, ...paths: readonly string[]) =>
  run(python, ['-m', 'check_jsonschema', '--builtin-schema', `vendor.github-${schema}`, ...paths], {
    capture: true,
  });

describe('GitHub’s schemas', () => {
  it('take the issue forms, their configuration and the workflows', async () => {
    const own = listFiles(forms).filter((file) => file !== 'config.yml');
    expect(own.length).toBeGreaterThan(0);
    const checks = [
      validate('issue-forms', ...own.map((file) => join(forms, file))),
      validate('issue-config', join(forms, 'config.yml')),
      validate('workflows', ...listFiles(workflows).map((file) => join(workflows, file))),
    ];
    for (const check of await Promise.all(checks)) expect(check).toMatchObject({ code: 0 });
  });

  it('turn red at a field of a kind that there is not', async () => {
    const { code, stdout } = await validate(
      'issue-forms',
      changed(join(forms, 'bug.yml'), 'type: dropdown', 'type: menu'),
    );
    expect(code).toBe(1);
    expect(stdout).toContain("'menu' is not one of");
  });
});
