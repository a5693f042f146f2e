/** A command loads what it needs, and says what is wrong with its flags before it loads the rest. */
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startNodeProgram } from '../support/node-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const probe = fileURLToPath(new URL('../support/loaded-libraries.mjs', import.meta.url));
const slow = /^(@tensorflow\/|onnxruntime-|@mujoco\/|echarts$)/;

async function librariesOf(args: readonly string[]): Promise<readonly string[]> {
  const { stdout, stderr } = await startNodeProgram(probe, args, temporaryFolder()).ended();
  const names: unknown = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  expect(names, stderr).toContain('commander');
  return names as readonly string[];
}

it.each([['--help'], ['--version'], ['trian']])('%s loads the names of the commands only', async (flag) => {
  expect(await librariesOf([flag])).toEqual(['commander']);
});

it('verify loads neither gRPC nor what a server needs', async () => {
  const found = await librariesOf(['verify', 'nowhere.onnx']);
  expect(found.filter((name) => /^@grpc\/|^pino$|^cli-progress$/.test(name) || slow.test(name))).toEqual([]);
});

it.each([
  ['serve', '--stpes'],
  ['train', '--env', 'Pendulum-v1', '--steps', '-1'],
  ['eval', 'nowhere'],
  ['export', 'nowhere', '--out', 'policy.onnx'],
])('what is wrong is said before anything slow is loaded: %s %s', async (...args) => {
  const found = await librariesOf(args);
  expect(found.filter((name) => slow.test(name))).toEqual([]);
});

// Or all of the above would pass for a probe that sees nothing.
it('what a command does need is seen', async () => {
  const found = await librariesOf(['envs', '--server', '127.0.0.1:1']);
  expect(found).toEqual(expect.arrayContaining(['@grpc/grpc-js']));
});
