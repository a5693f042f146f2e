/** examples/deploy and examples/python-simulator as their readers use them: Node, Python and a real Chromium run one file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Plugin } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROOT, run, runNode } from '../../scripts/tools.mjs';
import { startNodeProgram, startProgram } from '../support/node-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { whileOpen } from './harness/chromium.ts';
import { oraclePython } from './harness/python.ts';

const built = join(ROOT, 'examples', 'dist');
const act = join(ROOT, 'examples', 'deploy', 'act.py');
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gymwire-deploy-'));
  const args = [join(folder, 'policy.onnx'), '1200'];
  const { code, stderr } = await runNode(join(built, 'deploy', 'export.js'), args, {
    cwd: folder,
    capture: true,
  });
  if (code !== 0) throw new Error(stderr);
});

afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

it('Node and Python answer a line with the same line', async () => {
  const path = join(folder, 'policy.onnx');
  const programs = [
    startNodeProgram(join(built, 'deploy', 'act.js'), [path], folder),
    startProgram(oraclePython(), [act, path], folder),
  ];
  const observation = [0.6, -0.8, 1.5];
  const answers = await Promise.all(
    programs.map(async (program) => {
      program.type(JSON.stringify(observation));
      const [line] = await program.printed(/^\[.*\]$/m);
      await program.stop();
      return JSON.parse(line) as number[];
    }),
  );
  expect(answers[0]).toHaveLength(1);
  expect(answers[1]?.[0]).toBeCloseTo(answers[0]?.[0] ?? Number.NaN, 5);
});

it('Python says in one line what is in the way', async () => {
  const { code, stderr } = await run(oraclePython(), [act, 'gone.onnx'], { cwd: folder, capture: true });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error NoSuchFile: .*gone\.onnx.*\n$/);
});

/** What the page says, once it is more than that it loads. */
async function saidInPage(policyFolder: string): Promise<string> {
  let tell: (text: string) => void = () => undefined;
  const told = new Promise<string>((resolve) => (tell = resolve));
  const listener: Plugin = {
    name: 'listener',
    transformIndexHtml: () => [
      {
        tag: 'script',
        children: `const timer = setInterval(() => {
          const said = document.querySelector('output').textContent;
          if (!/step 20:|error/.test(said)) return;
          clearInterval(timer);
          fetch('/report?' + encodeURIComponent(said));
        }, 10);`,
      },
    ],
    configureServer(server) {
      server.middlewares.use('/report', (request, response) => {
        tell(decodeURIComponent((request.url ?? '').replace(/^\/?\?/, '')));
        response.end();
      });
    },
  };
  const root = join(ROOT, 'examples', 'deploy', 'browser');
  const server = await createServer({
    root,
    configFile: join(root, 'vite.config.js'),
    publicDir: policyFolder,
    cacheDir: join(folder, 'vite'),
    logLevel: 'error',
    plugins: [listener],
    server: { host: '127.0.0.1', port: 0 },
  });
  try {
    await server.listen();
    const address = server.resolvedUrls?.local[0] ?? '';
    return await whileOpen(address, mkdtempSync(join(folder, 'profile-')), told);
  } finally {
    await server.close();
  }
}

it('the page lets the file swing a pendulum', async () => {
  expect(await saidInPage(folder)).toMatch(/^golden pairs agree; seed 3, step 20: return -\d+\.\d$/);
});

it('the page says in one line that there is no file', async () => {
  expect(await saidInPage(temporaryFolder())).toMatch(/^error: no policy\.onnx: write it with `node .*`/);
});

it('a simulator in Python teaches a policy', async () => {
  const cwd = temporaryFolder();
  const args = [oraclePython(), 'Pendulum-v1', '1200'];
  const { code, stdout, stderr } = await runNode(join(built, 'python-simulator', 'train.js'), args, {
    cwd,
    capture: true,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/serves Pendulum-v1 on 127\.0\.0\.1:\d+\n/);
  expect(stdout).toMatch(/^policy\.onnx: \d+ bytes, learnt from Pendulum-v1 in Python$/m);
});
