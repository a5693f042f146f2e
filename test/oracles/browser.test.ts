/** Simulators in a page: bundled by Vite, stepped by a real Chromium, bit-equal to Node. */
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { resolveArguments } from '@gymwire/env/host';
import { builtinEnvs } from '@gymwire/simulators';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../scripts/tools.mjs';
import { whileOpen } from './harness/chromium.ts';
import { playSteps } from './page/play.ts';

interface Report {
  readonly failed?: string;
  readonly shapes: ReadonlyArray<{ readonly shape: string; readonly position: readonly number[] }>;
  readonly picture: unknown;
  readonly [envId: string]: unknown;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
  '.xml': 'text/xml',
};

/** The bundle, and beside it what the page asks for by name. @param onReport what the page has to say */
function serve(bundle: string, onReport: (text: string) => void): Server {
  const wasm = createRequire(join(ROOT, 'packages', 'simulators', 'package.json')).resolve(
    '@mujoco/mujoco/mujoco.wasm',
  );
  const models = join(ROOT, 'packages', 'simulators', 'assets', 'gymnasium');
  return createServer((request, response) => {
    if (request.method === 'POST') {
      let text = '';
      request.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      request.on('end', () => {
        response.end();
        onReport(text);
      });
      return;
    }
    const name = request.url === '/' ? 'index.html' : (request.url ?? '').slice(1);
    const path =
      name === 'mujoco.wasm' ? wasm : [bundle, models].map((folder) => join(folder, name)).find(existsSync);
    response.writeHead(path === undefined ? 404 : 200, {
      'content-type': types[extname(name)] ?? 'text/plain',
    });
    response.end(path === undefined ? '' : readFileSync(path));
  });
}

async function reportOfPage(bundle: string, profile: string): Promise<Report> {
  let tell: (text: string) => void = () => undefined;
  const told = new Promise<string>((resolve) => (tell = resolve));
  const server = serve(bundle, (text) => tell(text)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    return JSON.parse(await whileOpen(address, profile, told)) as Report;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('in a page', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'gymwire-page-'));
  let report: Report;

  afterAll(() => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 }));

  beforeAll(async () => {
    const bundle = join(scratch, 'bundle');
    await build({
      configFile: false,
      root: join(ROOT, 'test', 'oracles', 'page'),
      logLevel: 'error',
      build: { outDir: bundle, emptyOutDir: true, target: 'esnext', chunkSizeWarningLimit: 2 ** 20 },
    });
    report = await reportOfPage(bundle, join(scratch, 'profile'));
  });

  it('simulators run', () => expect(report.failed).toBeUndefined());

  it.each(['Pendulum-v1', 'HalfCheetah-v5'])('%s is bit-equal to Node, in 200 steps', async (envId) => {
    const registration = builtinEnvs.find(({ id }) => id === envId);
    if (registration === undefined) throw new Error(`no ${envId}`);
    const args = resolveArguments(envId, registration.arguments ?? [], {});
    const inNode = await playSteps(await registration.make(args), 200);
    expect(inNode).toHaveLength(201);
    expect(new Set(inNode).size).toBe(201);
    expect(report[envId]).toEqual(inNode);
  });

  it('a scene says what is to be seen, and can be drawn', () => {
    const shapes = report.shapes.map(({ shape }) => shape);
    expect(shapes).toEqual(expect.arrayContaining(['plane', 'capsule']));
    expect(report.shapes.flatMap(({ position }) => position).every(Number.isFinite)).toBe(true);
    expect(report.picture).toEqual({ width: 480, height: 480, isDrawn: true });
  });
});
