/** The gate itself: each planted fault must turn it red, and the same place without a fault must not. */
import { execFile } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareReports, undocumentedNames, writeReports } from '../../scripts/api-reports.mjs';
import { findBanned } from '../../scripts/banned-phrases.mjs';
import { findAdapters, findSecondLists } from '../../scripts/check-copies.mjs';
import { findBreaches } from '../../scripts/check-walls.mjs';
import { compareGenerated, generate } from '../../scripts/generate.mjs';
import { findTurns } from '../../scripts/room-order.mjs';
import { binPath, ROOT } from '../../scripts/tools.mjs';

const walls = 'eslint(no-restricted-imports)';

/** room, statement */
const forbidden: ReadonlyArray<[string, string]> = [
  ['protocol', "import * as x from '@gymwire/onnx-graph';"],
  ['onnx-graph', "import * as x from '@gymwire/protocol';"],
  ['onnx-graph', "import * as x from '@grpc/grpc-js';"],
  ['onnx-graph', "import type { Space } from '@gymwire/protocol';"],
  ['env', "import * as x from '@gymwire/protocol/wire';"],
  ['env', "import type { Metadata } from '@grpc/grpc-js';"],
  ['simulators', "import * as x from '@gymwire/env-server';"],
  ['simulators', "import type { EnvServer } from '@gymwire/env-server';"],
  ['simulators', "import * as x from '@gymwire/protocol/wire';"],
  ['simulators/mujoco', "import { compile } from '../node/compile.ts';"],
  ['robot', "import * as x from '@gymwire/env-server';"],
  ['robot', "import * as x from '@gymwire/simulators';"],
  ['robot', "const x = await import('@mujoco/mujoco');"],
  ['grpc-host', "import type { EnvServer } from '@gymwire/env-server';"],
  ['env-server', "import * as x from '@gymwire/simulators';"],
  ['env-server', "import type { MujocoTask } from '@gymwire/simulators';"],
  ['env-server/session', "import type { HostGroup } from '../threads/host-group.ts';"],
  ['env-server/threads', "import type { Session } from '../session/session.ts';"],
  ['env-server/slots', "import type { Session } from '../session/session.ts';"],
  ['env-server', "import * as x from '@gymwire/agent-sdk';"],
  ['env-server', "import * as x from '@gymwire/onnx-graph';"],
  ['conformance', "import * as x from '@gymwire/env-server';"],
  ['conformance', "import type { Env } from '@gymwire/env-server';"],
  ['agent-sdk', "import * as x from '@gymwire/env-server';"],
  ['agent-sdk', "import type { Env } from '@gymwire/env-server';"],
  ['agent-sdk', "import * as x from '@gymwire/exporter';"],
  ['agent-sdk', "import * as x from '../../env-server/src/env.ts';"],
  ['agent-sdk', "import * as x from '@gymwire/protocol/dist/index.js';"],
  ['agent-sdk', "import * as x from '@grpc/grpc-js/build/src/call.js';"],
  ['exporter', "import * as x from '@grpc/grpc-js';"],
  ['exporter', "const x = await import('@grpc/grpc-js');"],
  ['exporter', "export * from '@tensorflow/tfjs-core';"],
  ['exporter', "import * as x from '@gymwire/agent-sdk';"],
  ['exporter', "const x = await import('@gymwire/agent-sdk');"],
  ['exporter', "import type { Space } from '@gymwire/protocol';"],
  ['cli', "import * as x from '@gymwire/agent-sdk/dist/index.js';"],
  ['agent-sdk/td3', "import * as x from '@grpc/grpc-js';"],
  ['agent-sdk/td3', "import type { Metadata } from '@grpc/grpc-js';"],
  ['agent-sdk/replay', "import * as x from '@gymwire/protocol/wire';"],
  ['agent-sdk/policy', "import * as x from '../env-client/env-client.ts';"],
  ['agent-sdk/random', "const x = await import('@grpc/grpc-js');"],
  ['agent-sdk/callbacks', "import type { ConnectionEvent } from '../env-client/connection-event.ts';"],
  ['agent-sdk/callbacks', "import { CallbackHost } from '../train/loop/callback-host.ts';"],
];

/** room, statement */
const allowed: ReadonlyArray<[string, string]> = [
  ['simulators', "import type { Env } from '@gymwire/env';"],
  ['robot', "import { packValue } from '@gymwire/env/host';"],
  ['env-server', "import type { Space } from '@gymwire/protocol';"],
  ['env-server/session', "import type { SessionEnvs } from '../slots/session-envs.ts';"],
  ['env-server/threads', "import type { SessionEnvs } from '../slots/session-envs.ts';"],
  ['conformance', "import type { Space } from '@gymwire/protocol';"],
  ['agent-sdk', "import type { Model } from '@gymwire/onnx-graph';"],
  ['agent-sdk/td3', "import type { Space } from '@gymwire/protocol';"],
  ['agent-sdk/callbacks', "import type { EpisodeMetrics } from '../run-folder/metrics.ts';"],
  ['exporter', "import type { PolicySnapshot } from '@gymwire/agent-sdk';"],
  ['cli', "import type { Space } from '@gymwire/protocol';"],
];

/** rule, code that breaks it */
const faults: ReadonlyArray<[string, string]> = [
  ['typescript(no-floating-promises)', 'async function f(): Promise<void> {}\nf();\n'],
  ['typescript(no-misused-promises)', 'async function f(): Promise<void> {}\n[1].forEach(f);\n'],
  ['typescript(no-explicit-any)', 'export const x: any = 1;\n'],
  ['typescript(no-unsafe-assignment)', "export const { x } = JSON.parse('{}');\n"],
  ['typescript(no-unnecessary-type-assertion)', 'export const x = [1].map((y) => y as number);\n'],
  ['typescript(no-unsafe-member-access)', "export const x: unknown = JSON.parse('{}').y;\n"],
  ['eslint(no-restricted-properties)', 'export const x = Math.random();\n'],
  ['eslint(no-restricted-properties)', 'export const x = Date.now();\n'],
  ['eslint(no-console)', "console.log('x');\n"],
  ['import(no-default-export)', 'export default 1;\n'],
  ['import(no-cycle)', "export { b } from './clean.ts';\nexport const a = 1;\n"],
  ['eslint(max-lines)', 'export {};\n'.repeat(301)],
  ['eslint(max-lines-per-function)', `export function f(): void {\n${'  void 0;\n'.repeat(60)}}\n`],
];

/** rule, test code that breaks it */
const testFaults: ReadonlyArray<[string, string]> = [
  [
    'vitest(no-disabled-tests)',
    "import { expect, it } from 'vitest';\nit.skip('a', () => expect(1).toBe(1));\n",
  ],
  [
    'vitest(no-focused-tests)',
    "import { expect, it } from 'vitest';\nit.only('a', () => expect(1).toBe(1));\n",
  ],
  ['vitest(expect-expect)', "import { it } from 'vitest';\nit('a', () => {});\n"],
];

/** A copy of the workspace's layout with the real configuration, the real packages to import, and every fault. */
let copy: string;
let broken: ReadonlyMap<string, readonly string[]>;

beforeAll(async () => {
  copy = mkdtempSync(join(tmpdir(), 'gymwire-gate-'));
  for (const file of ['.oxlintrc.json', 'tsconfig.base.json', join('scripts', 'generated')]) {
    cpSync(join(ROOT, file), join(copy, file), { recursive: true });
  }
  // `junction`: Windows allows it without rights that users do not have; elsewhere it means nothing.
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'junction');
  plant(
    'tsconfig.json',
    '{ "extends": "./tsconfig.base.json", "compilerOptions": { "noEmit": true }, "include": ["packages", "test"] }',
  );
  forbidden.forEach(([room, statement], i) => plant(roomFile(room, `forbidden${i}.ts`), `${statement}\n`));
  allowed.forEach(([room, statement], i) => plant(roomFile(room, `allowed${i}.ts`), `${statement}\n`));
  faults.forEach(([, text], i) => plant(roomFile('agent-sdk', `fault${i}.ts`), text));
  testFaults.forEach(([, text], i) => plant(join('test', `fault${i}.test.ts`), text));
  const cycle = faults.findIndex(([rule]) => rule === 'import(no-cycle)');
  plant(roomFile('agent-sdk', 'clean.ts'), `export { a } from './fault${cycle}.ts';\nexport const b = 1;\n`);
  plant(roomFile('agent-sdk', 'spotless.ts'), 'export const one: number = 1;\n');
  broken = await lint();
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

function roomFile(room: string, file: string): string {
  const [name = '', folder = ''] = room.split('/');
  return join('packages', name, 'src', folder, file);
}

function plant(path: string, text: string): void {
  mkdirSync(dirname(join(copy, path)), { recursive: true });
  writeFileSync(join(copy, path), text);
}

/** The rules that are broken, by the name of the file. */
async function lint(): Promise<Map<string, string[]>> {
  const failure = await promisify(execFile)(
    process.execPath,
    [binPath('oxlint'), '--format=json', 'packages', 'test'],
    {
      cwd: copy,
      maxBuffer: 2 ** 26,
    },
  ).then(
    () => new Error('the linter found nothing in a tree full of faults'),
    (error: Error & { stdout: string }) => error,
  );
  if (!('stdout' in failure)) throw failure;
  const report = JSON.parse(failure.stdout) as { diagnostics: Array<{ code: string; filename: string }> };
  const rules = new Map<string, string[]>();
  for (const { code, filename } of report.diagnostics) {
    rules.set(basename(filename), [...(rules.get(basename(filename)) ?? []), code]);
  }
  return rules;
}

describe('import walls', () => {
  it.each(forbidden.map(([room, statement], i) => ({ room, statement, i })))(
    '$room may not: $statement',
    ({ i }) => expect(broken.get(`forbidden${i}.ts`)).toContain(walls),
  );

  it.each(allowed.map(([room, statement], i) => ({ room, statement, i })))('$room may: $statement', ({ i }) =>
    expect(broken.get(`allowed${i}.ts`) ?? []).not.toContain(walls),
  );
});

describe('lint', () => {
  it('lets a clean file pass', () => expect(broken.get('spotless.ts')).toBeUndefined());

  it.each(faults.map(([rule, text], i) => ({ rule, text: text.slice(0, 60), i })))(
    '$rule: $text',
    ({ rule, i }) => expect(broken.get(`fault${i}.ts`)).toContain(rule),
  );

  it.each(testFaults.map(([rule], i) => ({ rule, i })))('$rule', ({ rule, i }) =>
    expect(broken.get(`fault${i}.test.ts`)).toContain(rule),
  );
});

/** A tree of packages with these files. */
function plantTree(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'gymwire-walls-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

describe('walls at run time', () => {
  /** A built tree in which td3 imports a neighbour that may import what td3 may not. */
  const innocent = {
    'agent-sdk/dist/td3/td3.js': "import { helper } from '../train/helper.js';\n",
    'agent-sdk/dist/train/helper.js': 'export const helper = 1;\n',
    'exporter/dist/index.js': "import { encode } from '@gymwire/onnx-graph';\n",
    'onnx-graph/dist/index.js': "import protobuf from 'protobufjs';\nexport const encode = 1;\n",
  };

  function breaches(files: Readonly<Record<string, string>>): string[] {
    const folder = plantTree(files);
    const found = findBreaches(folder);
    rmSync(folder, { recursive: true });
    return found;
  }

  it('lets a tree without a breach pass', () => expect(breaches(innocent)).toEqual([]));

  it.each([
    ["import { status } from '@grpc/grpc-js';\n", '@grpc/grpc-js'],
    ["import {\n  a,\n  b,\n} from '@grpc/grpc-js';\n", '@grpc/grpc-js'],
    ["const x = await import('@grpc/grpc-js/build/x.js');\n", '@grpc/grpc-js'],
    ["export * from '@gymwire/protocol/wire';\n", '@gymwire/protocol/wire'],
  ])('sees through a neighbour: %s', (text, arrival) => {
    const found = breaches({ ...innocent, 'agent-sdk/dist/train/helper.js': text });
    expect(found).toEqual([
      `agent-sdk/td3: agent-sdk/dist/td3/td3.js -> agent-sdk/dist/train/helper.js -> ${arrival}`,
    ]);
  });

  /** A built tree in which a room that runs in pages imports a neighbour. */
  const page = {
    'simulators/dist/browser.js': "export { step } from './mujoco/step.js';\n",
    'simulators/dist/mujoco/step.js':
      "// Not Buffer.from or process.env.\nimport '@gymwire/env/host';\n" +
      "const kinds = { process: 'process', global: `Buffer` };\nexport const step = kinds.process.require;\n" +
      "const more = await import('./more.js');\n",
    'simulators/dist/mujoco/more.js': 'export {};\n',
    'env/dist/host.js': "import { isTensor } from '@gymwire/protocol';\n",
    'protocol/dist/index.js': "export { isTensor } from './tensor.js';\n",
    'protocol/dist/tensor.js': 'export const isTensor = 1;\n',
  };
  const toStep = 'simulators: simulators/dist/mujoco/step.js';

  it('lets rooms that run in pages have what pages have', () => expect(breaches(page)).toEqual([]));

  it.each([
    ['node:fs', "import { readFileSync } from 'node:fs';\n"],
    ['fs', "import { readFileSync } from 'fs';\n"],
    ['pino', "import { pino } from 'pino';\n"],
    ['decimal.js', "import { Decimal } from 'decimal.js';\n"],
    ['import(…)', 'const fs = await import(`node:${name}`);\n'],
    ['import(…)', "const fs = await import('node:' + name);\n"],
    ['Buffer', 'export const step = Buffer.from([1]);\n'],
    ['Buffer', 'export const step = new Buffer(3);\n'],
    ['process', 'export const step = process.env.HOME;\n'],
    ['process', 'process?.exit();\n'],
    ['process', "process['exit']();\n"],
    ['process', 'globalThis.process.exit();\n'],
    ['process', "globalThis['process'].exit();\n"],
    ['process', 'const { env } = process;\n'],
    ['process', 'const { process: host } = globalThis;\n'],
    ['global', 'global.step = 1;\n'],
    ['__dirname', 'export const step = __dirname;\n'],
    ['__filename', 'export const step = [__filename];\n'],
    ['setImmediate', 'setImmediate(step);\n'],
    ['require', 'export const step = require;\n'],
  ])('sees that a room for pages reaches %s: %s', (arrival, text) => {
    const found = breaches({ ...page, 'simulators/dist/mujoco/step.js': text });
    const way = 'simulators/dist/mujoco/step.js';
    expect(found).toEqual([
      `simulators/browser.js: simulators/dist/browser.js -> ${way} -> ${arrival}`,
      `simulators/mujoco: ${way} -> ${arrival}`,
    ]);
  });

  it('sees that what is said reaches gRPC, and all who say it', () => {
    const found = breaches({
      ...page,
      'protocol/dist/tensor.js': "import { status } from '@grpc/grpc-js';\n",
    });
    const way = 'protocol/dist/index.js -> protocol/dist/tensor.js -> @grpc/grpc-js';
    expect(found).toContain(`protocol/index.js: ${way}`);
    expect(found).toContain(`env: env/dist/host.js -> ${way}`);
    expect(found).toContain(`${toStep} -> env/dist/host.js -> ${way}`);
  });

  it('sees that a robot reaches MuJoCo, and a server simulators', () => {
    const found = breaches({
      ...page,
      'robot/dist/index.js': "import './look.js';\n",
      'robot/dist/look.js': "const x = await import('@mujoco/mujoco');\n",
      'env-server/dist/index.js': "import './server.js';\n",
      'env-server/dist/server.js': "import { step } from '@gymwire/simulators';\n",
    });
    expect(found).toEqual([
      'robot: robot/dist/look.js -> @mujoco/mujoco',
      'env-server: env-server/dist/server.js -> @gymwire/simulators',
    ]);
  });

  it('sees through a worker file and through another package', () => {
    const found = breaches({
      ...innocent,
      'onnx-graph/dist/index.js': "new Worker(new URL('./worker.js', import.meta.url));\n",
      'onnx-graph/dist/worker.js': "import '@tensorflow/tfjs-core';\n",
    });
    const way = 'onnx-graph/dist/worker.js -> @tensorflow/tfjs-core';
    expect(found).toEqual([
      `onnx-graph: ${way}`,
      `exporter: exporter/dist/index.js -> onnx-graph/dist/index.js -> ${way}`,
    ]);
  });
});

describe('the order of rooms', () => {
  function turns(files: Readonly<Record<string, string>>): string[] {
    const folder = plantTree(files);
    const found = findTurns(folder);
    rmSync(folder, { recursive: true });
    return found;
  }

  it('lets what comes later import what comes before, and a test and an index import both', () => {
    expect(
      turns({
        'agent-sdk/src/checkpoint/snapshot-file.ts': "import type { Policy } from '../policy/policy.ts';\n",
        'agent-sdk/src/policy/policy.ts': "import { add } from './add.ts';\n",
        'agent-sdk/src/policy/policy.test.ts': "import { read } from '../checkpoint/snapshot-file.ts';\n",
        'agent-sdk/src/index.ts': "export { read } from './checkpoint/snapshot-file.ts';\n",
        'agent-sdk/src/td3/compiled/compiled-learner.ts': "import { start } from './threads/start.ts';\n",
      }),
    ).toEqual([]);
  });

  it.each([
    [
      'policy/policy.ts',
      "import { write } from '../checkpoint/snapshot-file.ts';",
      'checkpoint/snapshot-file.ts',
    ],
    [
      'policy/policy.ts',
      "import type { Write } from '../checkpoint/snapshot-file.ts';",
      'checkpoint/snapshot-file.ts',
    ],
    ['rollout/a/b.ts', "export {\n  train,\n} from '../../train/train.ts';", 'train/train.ts'],
    ['td3/learner.ts', "const x = await import('../policy/policy.ts');", 'policy/policy.ts'],
    [
      'run-folder/metrics.ts',
      "import type { TrainCallback } from '../callbacks/callback.ts';",
      'callbacks/callback.ts',
    ],
  ])('%s may not: %s', (file, statement, target) => {
    const [own, room] = [file, target].map((path) => path.split('/')[0]);
    expect(turns({ [`agent-sdk/src/${file}`]: `${statement}\n` })).toEqual([
      `agent-sdk/src/${file}: imports ${target}, but ${own} comes before ${room}`,
    ]);
  });

  it('wants a place for each room', () => {
    expect(turns({ 'agent-sdk/src/attic/old.ts': 'export const old = 1;\n' })).toEqual([
      'agent-sdk/src/attic: has no place in the order of scripts/room-order.mjs',
    ]);
  });
});

describe('banned phrases', () => {
  const path = 'packages/agent-sdk/src/env-client/recovery.ts';

  it.each([
    [path, "  (error.code === 'INTERNAL' && /^the session at /.test(error.message))"],
    [path, "return error.message.startsWith('Handshake at');"],
    [path, "  if (last.message.includes('Protocol error')) return true;"],
    [
      'packages/protocol/src/codec/error-codec.ts',
      "const is = error.details.startsWith('Response message');",
    ],
    ['bridges/python/src/gymwire/client/rpc_errors.py', 'if _TLS.search(error.details() or ""):'],
    ['bridges/python/src/gymwire/client/connection.py', 'if "certificate" in str(error):'],
    ['bridges/python/src/gymwire/client/connection.py', 'if found.message.startswith("Handshake"):'],
    ['packages/robot/src/index.ts', "export type * from './robot-driver.ts';"],
    [path, '  /** Whether it is lost. */'],
    ['test/support/server.ts', ['const x = y as', 'unknown as string;'].join(' ')],
  ])('in %s: %s', (file, line) => {
    expect(findBanned(file, `const a = 1;\n${line}\n`)).toEqual([expect.stringContaining(`${file}:2: `)]);
  });

  it.each([
    [path, '/** True where it is lost, whether or not it is told. */'],
    [path, "return error.origin === 'transport' && error.code === 'INTERNAL';"],
    [path, 'return new GymwireError(error.code, `${error.message}; told to stop`);'],
    ['bridges/python/src/gymwire/client/remote_session.py', 'return "ended_by" not in error.details'],
    ['packages/protocol/src/wire/index.ts', "export type * as wire from './messages.ts';"],
    // A test may look at the words: they are for people.
    ['packages/agent-sdk/src/env-client/recovery.test.ts', "expect(error.message.includes('x')).toBe(true);"],
    ['test/faults/origins.test.ts', "expect(error.message.includes('x')).toBe(true);"],
  ])('not in %s: %s', (file, line) => {
    expect(findBanned(file, line)).toEqual([]);
  });
});

/** What `find` says of a folder that holds these files. */
function inFolder<T>(files: Readonly<Record<string, string>>, find: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'gymwire-copies-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return find(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('one table of options', () => {
  it('is all that there is', () => expect(findSecondLists(join(ROOT, 'packages'))).toEqual([]));

  it.each([
    ['defaults', 'cli/src/commands/short.ts', 'export const short = { gamma: 0.9, batchSize: 16 };\n'],
    [
      'ranges',
      'agent-sdk/src/options/more.ts',
      "const s = z.object({ tau: z.number(), 'hiddenSizes': z.array(n) });\n",
    ],
    [
      'flags',
      'cli/src/flags.ts',
      "command.option('--gamma <x>', 'discount').option('--lr <rate>', 'rate; default 3e-4');\n",
    ],
    [
      'names of flags',
      'exporter/src/names.ts',
      "const flagOf = { totalEnvSteps: '--steps', tau: undefined };\n",
    ],
  ])('a second list of %s turns it red', (_what, path, text) => {
    expect(inFolder({ [path]: text }, findSecondLists)).toEqual([expect.stringContaining(`${path}: `)]);
  });

  it.each([
    [
      'what reads options',
      'const { gamma, tau } = options;\nconst x = { gamma: options.gamma, tau: options.tau };\n',
    ],
    ['types', 'interface LearnerOptions { readonly gamma: number; readonly tau: number }\n'],
    ['words about flags', "note('give more with --steps, or another --stop-at');\n"],
    ['one of them', 'train({ options: { evaluationEpisodes: 20 } });\n'],
  ])('lets %s pass', (_what, text) => {
    expect(inFolder({ 'cli/src/other.ts': text }, findSecondLists)).toEqual([]);
  });
});

describe('one front door', () => {
  it('is all that there is', () => expect(findAdapters(ROOT)).toEqual([]));

  it.each([
    'train({ makeEnv: ({ envId, numEnvs }) => connection.makeVector(envId, { numEnvs }) });\n',
    'const make: MakeEnv = async (request) => {\n  return connection.makeVector(request.envId, {});\n};\n',
    'train({ makeEnv: remoteEnvs(connection), createLearner });\n',
    'train({ connection, createLearner: createCompiledLearner, options });\n',
    'train({ createLearner: (options, state) => createTfjsLearner(options, state, backend.name), options });\n',
  ])('its copy turns it red: %s', (text) => {
    const files = { 'README.md': '', 'examples/mine/train.ts': text };
    expect(inFolder(files, findAdapters)).toEqual([expect.stringContaining('examples/mine/train.ts: ')]);
  });

  it.each([
    'train({ makeEnv: async (request) => guard(await makeEnv(request)), connection });\n',
    'createLearner: (options, state) => createCompiledLearner(options, state, { diagnostics }),\n',
    "const env = await connection.makeVector('Pendulum-v1', { numEnvs: 3 });\n",
  ])('lets pass: %s', (text) => {
    expect(inFolder({ 'README.md': '', 'bench/src/mine.ts': text }, findAdapters)).toEqual([]);
  });
});

describe('what is generated', () => {
  it('is compared: from the table of options, and from the code that fences name', async () => {
    const fresh = mkdtempSync(join(tmpdir(), 'gymwire-generated-'));
    await generate(fresh);
    expect(compareGenerated(fresh)).toEqual([]);
    const stale = ['docs/options.md', 'packages/agent-sdk/schema/train-options.json'];
    stale.push('packages/agent-sdk/src/generated/train-options.ts', 'packages/agent-sdk/src/train/train.ts');
    stale.push('docs/reference/errors.md', 'docs/td3-steps.md');
    for (const path of stale) appendFileSync(join(fresh, path), '-- another default --\n');
    const found = compareGenerated(fresh).map((line) => line.replaceAll('\\', '/'));
    rmSync(fresh, { recursive: true });
    expect(found.sort()).toEqual(stale.sort().map((path) => `differs: ${path}`));
  }, 60_000);
});
describe('the report of what a package offers', () => {
  const name = 'cli';
  let packages: string;

  beforeAll(() => {
    packages = mkdtempSync(join(tmpdir(), 'gymwire-surface-'));
    for (const part of ['package.json', 'dist', 'api']) {
      cpSync(join(ROOT, 'packages', name, part), join(packages, name, part), { recursive: true });
    }
    symlinkSync(join(ROOT, 'node_modules'), join(packages, 'node_modules'), 'junction');
  });

  afterAll(() => rmSync(packages, { recursive: true, force: true }));

  function drift(): string[] {
    const fresh = mkdtempSync(join(tmpdir(), 'gymwire-fresh-'));
    writeReports(fresh, packages);
    const lines = compareReports(fresh, packages);
    rmSync(fresh, { recursive: true, force: true });
    return lines;
  }

  it('is as it is committed', () => expect(drift()).toEqual([]));

  it('is told of, where a name has come', () => {
    const types = join(packages, name, 'dist', 'index.d.ts');
    const before = readFileSync(types, 'utf8');
    writeFileSync(types, `${before}/** New. */\nexport declare const planted: 1;\n`);
    const lines = drift();
    writeFileSync(types, before);
    expect(lines).toEqual([`packages/${name}/api/index.api.md`, '  + export const planted: 1;']);
  });

  it('is red, where a name or an option of a main entry has no doc comment', () => {
    const report =
      '// @public\nexport function told(): void;\n\n// @public (undocumented)\nexport interface Bare {\n}\n\n' +
      '// @public\nexport interface PlayOptions extends Bare {\n    // (undocumented)\n    readonly seed: number;\n' +
      '    readonly told: number;\n}\n\n// @public (undocumented)\ninterface Inner {\n}\n';
    expect(undocumentedNames(report)).toEqual(['Bare', 'PlayOptions.seed']);
  });

  it('is told of, where an entry has come', () => {
    const path = join(packages, name, 'package.json');
    const manifest = readFileSync(path, 'utf8');
    const planted = manifest.replace(
      '"exports": {',
      '"exports": { "./more": { "types": "./dist/index.d.ts" },',
    );
    writeFileSync(path, planted);
    const lines = drift();
    writeFileSync(path, manifest);
    expect(lines).toEqual([`packages/${name}/api/more.api.md: a new entry`]);
  });
});
