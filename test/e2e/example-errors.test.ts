/** Examples as people start them when something is in the way: one line that says what, and an end. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
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
  it.each(['own-env/train.js', 'robot/train.js'])('says so and ends: %s', async (example) => {
    const { code, stderr } = await run(example, ['127.0.0.1:9', 'run']);
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
