/** What others build from the packed packages: their compilers, bundlers and test runner, at pinned versions. */
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { binPath, entriesOf, listFiles, PACKAGES, ROOT, runNode } from '../../scripts/tools.mjs';
import { codeBlocks } from '../support/markdown.ts';
import { installPacked, npm, packPackages } from '../support/packed.ts';

const sources = join(ROOT, 'test', 'oracles', 'toolchains');

/** The tools, installed once; their folder. */
async function installTools(): Promise<string> {
  const lock = readFileSync(join(sources, 'package-lock.json'));
  const key = createHash('sha256').update(lock).digest('hex').slice(0, 16);
  const folder = join(ROOT, '.cache', 'toolchains', key);
  if (existsSync(join(folder, 'complete'))) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(sources, file), join(folder, file));
  await npm(folder, ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']);
  writeFileSync(join(folder, 'complete'), '');
  return folder;
}

let scratch: string;
let tools: string;
/** Where the packages are installed; the programs lie in it. */
let project: string;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'gymwire-toolchains-'));
  tools = await installTools();
  const tarballs = join(scratch, 'tarballs');
  project = join(scratch, 'project');
  for (const folder of [tarballs, project]) mkdirSync(folder);
  await packPackages(tarballs);
  await installPacked(project, tarballs, PACKAGES);
  for (const file of ['policy.mjs', 'client.mjs', 'packages.jest.mjs']) {
    cpSync(join(sources, file), join(project, file));
  }
}, 600_000);

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function compile(
  typescript: string,
  flags: readonly string[],
  files: readonly string[],
): Promise<string> {
  const strict = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--target', 'es2023', '--types', 'node'];
  const { stdout, stderr } = await runNode(typescript, [...strict, ...flags, ...files], {
    cwd: project,
    capture: true,
  });
  return stdout + stderr;
}

const compilers: ReadonlyArray<[string, () => string]> = [
  ['5.9', () => join(tools, 'node_modules', 'typescript', 'bin', 'tsc')],
  ['7', () => binPath('typescript', 'tsc')],
];

describe.each(compilers)('TypeScript %s, without skipLibCheck', (_version, typescript) => {
  it.each([
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ])('takes every package’s declarations, module %s, resolution %s', async (module, moduleResolution) => {
    const entries = PACKAGES.flatMap(entriesOf);
    const imports = entries.map((entry, i) => `export * as p${i} from '${entry}';\n`);
    writeFileSync(join(project, 'all.ts'), imports.join(''));
    const flags = ['--module', module, '--moduleResolution', moduleResolution];
    expect(await compile(typescript(), flags, ['all.ts'])).toBe('');
  });

  it('takes the documentation’s snippets, also where every index may miss', async () => {
    const documents = ['README.md', 'docs', 'packages'].flatMap((name) =>
      name.endsWith('.md')
        ? [name]
        : listFiles(join(ROOT, name))
            .filter((path) => path.endsWith('.md') && !/node_modules|(^|\/)api\//.test(path))
            .map((path) => join(name, path)),
    );
    const snippets = documents.flatMap((path) =>
      codeBlocks(readFileSync(join(ROOT, path), 'utf8'))
        // Parts of files of ours compile there; what examples show stands by itself.
        .filter(({ language, source }) => language === 'ts' && !/^(packages|test)\//.test(source))
        .map(({ code, line }) => ({ name: `${path.replaceAll(/\W/g, '-')}-${line}.ts`, code })),
    );
    expect(snippets.length).toBeGreaterThanOrEqual(5);
    for (const { name, code } of snippets) writeFileSync(join(project, name), `${code}\nexport {};\n`);
    const flags = ['--module', 'nodenext', '--noUncheckedIndexedAccess'];
    const files = snippets.map(({ name }) => name);
    expect(await compile(typescript(), flags, files)).toBe('');
  });
});

describe('bundles', () => {
  const bundlers = ['esbuild', 'rollup', 'webpack'] as const;
  let bundles: string;

  async function bundle(program: string): Promise<void> {
    // Beside the tools, so that it finds them.
    const script = join(tools, 'bundle.mjs');
    cpSync(join(sources, 'bundle.mjs'), script);
    const { code, stdout, stderr } = await runNode(script, [join(project, `${program}.mjs`), bundles], {
      cwd: project,
      capture: true,
    });
    expect({ code, output: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, output: '' });
  }

  async function runBundle(program: string, bundler: string, ...args: string[]): Promise<string> {
    const [file = ''] = listFiles(bundles).filter((path) => path.startsWith(`${program}.${bundler}.`));
    const { code, stdout, stderr } = await runNode(join(bundles, file), args, {
      cwd: bundles,
      capture: true,
    });
    expect({ bundler, code, stderr: code === 0 ? '' : stderr }).toEqual({ bundler, code: 0, stderr: '' });
    return stdout.trim();
  }

  beforeAll(() => {
    bundles = join(scratch, 'bundles');
    // Nothing is there but the bundles and the native library.
    mkdirSync(join(bundles, 'node_modules'), { recursive: true });
    for (const name of ['onnxruntime-node', 'onnxruntime-common']) {
      symlinkSync(join(project, 'node_modules', name), join(bundles, 'node_modules', name), 'junction');
    }
  });

  it('of OnnxPolicy act', async () => {
    await bundle('policy');
    for (const bundler of bundlers) expect(await runBundle('policy', bundler)).toBe('1.5232');
  });

  it('of a client step an environment', async () => {
    await bundle('client');
    const server = await startEnvServer({ envs: builtinEnvs, port: 0 });
    try {
      for (const bundler of bundlers) expect(await runBundle('client', bundler, server.address)).toBe('3');
    } finally {
      await server.shutdown();
    }
  });
});

it('Jest runs the packages as ES modules, in the realm that it gives its tests', async () => {
  const config = {
    rootDir: project,
    testMatch: ['<rootDir>/packages.jest.mjs'],
    transform: {},
    testEnvironment: 'node',
  };
  writeFileSync(join(project, 'jest.config.json'), JSON.stringify(config));
  const jest = join(tools, 'node_modules', 'jest', 'bin', 'jest.js');
  const env = { ...process.env, NODE_OPTIONS: '--experimental-vm-modules' };
  const { code, stdout, stderr } = await runNode(jest, ['--config', 'jest.config.json'], {
    cwd: project,
    env,
    capture: true,
  });
  expect({ code, output: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, output: '' });
  expect(stderr).toMatch(/Tests: +6 passed, 6 total/);
});
