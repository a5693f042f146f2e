/** test/snippets: what documents and doc comments show of it runs, and prints what it says it prints. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type EnvServer, startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listFiles, ROOT, runNode } from '../../scripts/tools.mjs';
import { compileCode } from '../support/document-code.ts';

const sources = join(ROOT, 'test', 'snippets');
const names = listFiles(sources).map((path) => basename(path, '.ts'));

/** What runs shorter here than where a reader runs it. */
const shortened = ['totalEnvSteps: 7_000', 'totalEnvSteps: 1_200'] as const;

/** Where a reader has servers. */
const addresses = ['127.0.0.1:50051', '127.0.0.1:50052'];

let servers: readonly EnvServer[];
let folder: string;
let built: string;

beforeAll(async () => {
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  folder = mkdtempSync(join(ROOT, '.cache', 'snippets-'));
  servers = await Promise.all(addresses.map(() => startEnvServer({ envs: builtinEnvs, port: 0 })));
  const files = names.map((name) => [name, withServers(read(name).replace(...shortened))]);
  built = dirname(await compileCode(folder, Object.fromEntries(files) as Record<string, string>));
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await Promise.all(servers.map((server) => server.shutdown()));
});

const withServers = (code: string) =>
  addresses.reduce((text, address, i) => text.replace(address, servers[i].address), code);

const read = (name: string) => readFileSync(join(sources, `${name}.ts`), 'utf8').replaceAll('\r\n', '\n');

it.each(names)('%s runs', async (name) => {
  const { code, stdout, stderr } = await runNode(join(built, `${name}.js`), [], {
    cwd: folder,
    capture: true,
  });
  expect(code, `${stdout}${stderr}`).toBe(0);
  const printed = stdout.split('\n');
  for (const [, text] of read(name).matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm))
    expect(printed).toContain(text);
});
