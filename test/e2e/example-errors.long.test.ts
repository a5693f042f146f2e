/** Examples as people start them when something is in the way: one line that says what, and an end. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readRunSummary } from '@gymwire/agent-sdk';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ROOT } from '../../scripts/tools.mjs';
import { startNodeProgram } from '../support/node-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const taken = { tcp: createServer(), udp: createSocket('udp4') };
let [tcpPort, udpPort] = ['', ''];

beforeAll(async () => {
  taken.tcp.listen(0, '127.0.0.1');
  await once(taken.tcp, 'listening');
  taken.udp.bind(0, '127.0.0.1');
  await once(taken.udp, 'listening');
  tcpPort = String((taken.tcp.address() as AddressInfo).port);
  udpPort = String(taken.udp.address().port);
});

afterAll(() => {
  taken.tcp.close();
  taken.udp.close();
});

async function run(example: string, args: readonly string[]) {
  const program = startNodeProgram(join(ROOT, 'examples', 'dist', example), args, temporaryFolder());
  onTestFinished(() => program.stop());
  const { code, stderr } = await program.ended();
  return { code, stderr };
}

describe('an example whose port is taken', () => {
  it.each([
    ['own-env/serve.js', () => [tcpPort]],
    ['reach-arm/serve.js', () => [tcpPort]],
    ['robot/serve.js', () => ['--port', tcpPort]],
    ['robot/simulated-arm.js', () => ['--port', udpPort]],
    ['robot/unreliable-link.js', () => ['--port', udpPort, '--target', '127.0.0.1:9']],
  ] as const)('says so and ends: %s', async (example, args) => {
    const { code, stderr } = await run(example, args());
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error (SERVER_UNAVAILABLE: cannot listen on|EADDRINUSE: bind) .*\n$/m);
    expect(stderr).not.toMatch(/^ +at /m);
  });
});

describe('an example that nobody serves', () => {
  it.each([
    ['own-env/train.js', ['127.0.0.1:9', 'run']],
    ['robot/train.js', ['127.0.0.1:9', 'run']],
    ['vector-env/train.js', ['127.0.0.1:9']],
    ['early-stop/train.js', ['127.0.0.1:9']],
    ['callbacks/train.js', ['127.0.0.1:9']],
    ['resume/train.js', ['run', '127.0.0.1:9']],
    ['evaluate-and-record/evaluate.js', ['run', '1', '127.0.0.1:9']],
    ['deploy/export.js', ['policy.onnx', '500', '127.0.0.1:9']],
  ])('says so and ends: %s', async (example, args) => {
    const { code, stderr } = await run(example, args);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error SERVER_UNAVAILABLE: .*127\.0\.0\.1:9.* is a server running there\?.*\n$/);
  });
});

describe('an example with an option that there is not', () => {
  it.each([
    ['own-env/serve.js', ['many'], /INVALID_ARGUMENT: port: expected an integer/],
    ['robot/serve.js', ['--speed', '3'], /ERR_PARSE_ARGS_UNKNOWN_OPTION: Unknown option '--speed'/],
    ['robot/simulated-arm.js', ['--timeout-ms', 'x'], /INVALID_OPTION: --timeout-ms: expected a time/],
    ['robot/unreliable-link.js', [], /INVALID_OPTION: --target: expected the address/],
  ] as const)('says so and ends: %s', async (example, args, message) => {
    const { code, stderr } = await run(example, args);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^ +at /m);
  });
});

describe('an example whose file or interpreter is not there', () => {
  it.each([
    ['deploy/act.js', ['gone.onnx'], /^error UNREADABLE_FILE: there is no file gone\.onnx\n$/],
    ['python-simulator/train.js', ['no-such-python'], /^error PYTHON_FAILED: .*pip install .*\n$/],
  ])('says so and ends: %s', async (example, args, message) => {
    const { code, stderr } = await run(example, args);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });
});

// Windows ends a process at once, whatever the signal.
describe.skipIf(process.platform === 'win32')('an example that is stopped by Ctrl-C', () => {
  it('lets the step under way finish, saves, says so and ends', async () => {
    const folder = temporaryFolder();
    const program = startNodeProgram(join(ROOT, 'examples', 'dist', 'own-env', 'train.js'), [], folder);
    onTestFinished(() => program.stop());
    await program.printed(/step 500: /);
    const { code, stderr } = await program.kill('SIGINT');
    expect({ code, stderr }).toEqual({
      code: 130,
      stderr: expect.stringMatching(/^error INTERRUPTED: .*\n$/),
    });
    expect((await readRunSummary(join(folder, 'runs', 'cart'))).envSteps).toBeGreaterThanOrEqual(500);
  });
});

it('a fault without a code is a line, too, and says where', async () => {
  const folder = temporaryFolder();
  const program = join(folder, 'faulty.mjs');
  const module = pathToFileURL(join(ROOT, 'examples', 'dist', 'plain-errors.js')).href;
  writeFileSync(program, `import '${module}';\nawait Promise.resolve();\nnull.step();\n`);
  const { code, stderr } = await startNodeProgram(program, [], folder).ended();
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error FAILURE: TypeError: Cannot read .*, at .*faulty\.mjs:3:6\)?\n$/);
});
