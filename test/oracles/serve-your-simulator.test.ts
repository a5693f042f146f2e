/** docs/serve-your-simulator.md and examples/robot: what they show in Python runs. TypeScript: test/e2e. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type EnvConnection } from '@gymwire/agent-sdk';
import { isTensor, type Value } from '@gymwire/protocol';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ROOT } from '../../scripts/tools.mjs';
import { withReplaced } from '../support/document-code.ts';
import { codeBlocks } from '../support/markdown.ts';
import { type NodeProgram, startNodeProgram, startProgram } from '../support/node-program.ts';
import { oraclePython } from './harness/python.ts';

const text = readFileSync(join(ROOT, 'docs', 'serve-your-simulator.md'), 'utf8').replaceAll('\r\n', '\n');
const patient = { timeout: 60_000 };
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gymwire-serve-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function block(language: string, note: string): string {
  const found = codeBlocks(text).find((one) => one.language === language && one.note === note);
  if (found === undefined) throw new Error(`expected a block of ${language} ${note}`);
  return found.code;
}

async function serve(args: readonly string[]): Promise<{ server: NodeProgram; connection: EnvConnection }> {
  const server = startProgram(oraclePython(), args, ROOT);
  // Its simulators are processes of their own, which a graceful end takes along.
  onTestFinished(async () => {
    await server.kill('SIGTERM');
  });
  const [, address = ''] = await server.printed(/serving on (\S+)/);
  const connection = await connect(address);
  onTestFinished(() => connection.close());
  return { server, connection };
}

async function startArm(): Promise<{ arm: NodeProgram; address: string }> {
  const program = join(ROOT, 'examples', 'dist', 'robot', 'simulated-arm.js');
  const arm = startNodeProgram(program, ['--log', '--timeout-ms', '2000'], ROOT);
  onTestFinished(() => arm.stop());
  const [, address = ''] = await arm.printed(/arm on (\S+)/);
  return { arm, address };
}

const numbers = (value: Value): number[] => (isTensor(value) ? [...value.data].map(Number) : []);

describe('docs/serve-your-simulator.md', () => {
  it('a Gymnasium environment', async () => {
    const [command = ''] = codeBlocks(text)
      .map(({ code }) => code.trim())
      .filter((code) => code.startsWith('python -m gymwire serve'));
    const [, ...args] = withReplaced(command, [['50061', '0']]).split(' ');
    const { connection } = await serve(args);
    const ids = (await connection.listEnvs()).map(({ id }) => id);
    expect(ids).toEqual(['Pendulum-v1', 'MountainCarContinuous-v0']);
    const env = await connection.make('Pendulum-v1');
    await env.reset({ seed: 1 });
    expect(await env.step([0.5])).toMatchObject({ terminated: false });
    await env.close();
  });

  it('a class in Python', async () => {
    const program = join(folder, 'point.py');
    writeFileSync(program, withReplaced(block('py', ''), [['port=50061', 'port=0']]));
    const { connection } = await serve([program]);
    const env = await connection.make('Point-v0', { arguments: { widest: 1 } });
    const { observation } = await env.reset({ seed: 1 });
    const [x = Number.NaN] = numbers(observation);
    expect(Math.abs(x)).toBeLessThan(1);
    const step = await env.step([0.5]);
    expect(numbers(step.observation)[0]).toBeCloseTo(x + 0.5, 6);
    expect(env.spec).toMatchObject({ maxEpisodeSteps: 50 });
    await env.close();
  });

  it('a batch simulator', async () => {
    const program = join(folder, 'points.py');
    writeFileSync(program, withReplaced(block('py', 'batch'), [['port=50061', 'port=0']]));
    const { connection } = await serve([program]);
    const env = await connection.makeVector('Points-v0', { numEnvs: 3, maxEpisodeSteps: 2 });
    expect(env).toMatchObject({ autoresetMode: 'same-step', maxEpisodeSteps: 2 });
    expect(env.batch).toMatchObject({ finalObservations: true, seeding: 'reset', masks: true });
    const first = numbers((await env.reset({ seed: 1 })).observation);
    await env.step(Float32Array.of(0.5, 0.5, 0.5));
    const end = await env.step(Float32Array.of(0.5, 0.5, 0.5));
    expect(end).toMatchObject({ truncated: [true, true, true], final: { envIndices: [0, 1, 2] } });
    const last = numbers(end.final?.observation ?? null);
    for (const [i, x] of last.entries()) expect(x).toBeCloseTo((first[i] ?? Number.NaN) + 1, 5);
    expect(numbers((await env.reset({ seed: 1 })).observation)).toEqual(first);
    await expect(connection.make('Points-v0')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await env.close();
  });

  it('a robot', async () => {
    const { address } = await startArm();
    const program = join(folder, 'robot.py');
    const code = withReplaced(block('py', 'robot'), [
      ['"127.0.0.1", 7000', `"127.0.0.1", ${address.split(':')[1]}`],
      // A test's machine may be slower than any robot's.
      ['watchdog_ms=200', 'watchdog_ms=20_000'],
      ['port=50061', 'port=0'],
    ]);
    writeFileSync(program, code);
    const { connection } = await serve([program]);
    const env = await connection.make('Arm-v0');
    await env.reset();
    const step = await env.step([1]);
    expect(step).toMatchObject({ terminated: false, truncated: false });
    // The same keys and types as in TypeScript.
    expect(Object.keys(step.info)).toEqual([
      'tick',
      'time_ms',
      'tick_delay_ms',
      'observation_age_ms',
      'command',
      'range_limited',
      'rate_limited',
      'late_ticks',
      'missed_ticks',
      'overruns',
      'stopped_by',
    ]);
    expect(typeof step.info['tick']).toBe('bigint');
    expect(step.info['range_limited']).toMatchObject({ dtype: 'bool', shape: [1] });
    await env.close();
  });
});

describe('examples/robot served from Python', () => {
  async function createCell() {
    const { arm, address } = await startArm();
    const cell = mkdtempSync(join(folder, 'cell-'));
    const program = join(ROOT, 'examples', 'robot', 'serve.py');
    const options = ['--robot', address, '--port', '0', '--cell', cell, '--watchdog-ms', '3000'];
    const { connection, server } = await serve([program, ...options, '--episode-steps', '10000']);
    const operate = async (call: string) => {
      const code = `import sys; from gymwire.robot import RobotCell; RobotCell(sys.argv[1]).${call}`;
      expect(await startProgram(oraclePython(), ['-c', code, cell], ROOT).ended()).toMatchObject({ code: 0 });
    };
    const mode = () => {
      const lines = arm.output().trimEnd().split('\n');
      return (JSON.parse(lines.at(-1) ?? '') as { mode: string }).mode;
    };
    return { arm, connection, server, operate, mode };
  }

  it('is safe when its client is gone, and its episode is truncated', async () => {
    const { connection, server, mode } = await createCell();
    const trainer = startNodeProgram(
      join(ROOT, 'test', 'support', 'robot-client.mjs'),
      [connection.address, 'SwingArm-v0'],
      ROOT,
    );
    await trainer.printed(/step 5\n/);
    await expect.poll(mode, patient).toBe('controlled');
    await trainer.kill('SIGKILL');
    await expect.poll(mode, patient).toBe('safe');
    await server.kill('SIGTERM');
  });

  it('gets the safe action when its sensor falls silent, which its driver does not notice, until a reset', async () => {
    const { arm, connection, mode } = await createCell();
    const env = await connection.make('SwingArm-v0');
    await env.reset();
    arm.type('unplug');
    let step = await env.step([0.5]);
    while (!step.truncated) step = await env.step([0.5]);
    expect(step).toMatchObject({ terminated: false });
    expect(step.info['stopped_by']).toMatch(/^stale observation: 3\d\d\d ms old; since then .* none$/);
    await expect.poll(mode, patient).toBe('safe');
    await expect(env.reset()).rejects.toMatchObject({
      code: 'ENV_FAILED',
      message: expect.stringMatching(/the arm has reported nothing for 100 ticks|stale observation/),
    });
    arm.type('plug');
    await expect.poll(() => env.reset().then(() => 'reset', String), patient).toBe('reset');
    expect(await env.step([0.5])).toMatchObject({ truncated: false });
    await env.close();
  });

  it('is stopped by an operator in another process, until they clear it', async () => {
    const { arm, connection, operate } = await createCell();
    const env = await connection.make('SwingArm-v0');
    await env.reset();
    await env.step([0.5]);
    await operate('emergency_stop("hand in the cell")');
    await arm.printed(/"mode":"braked"/);
    expect(await env.step([0.5])).toMatchObject({
      truncated: true,
      info: { stopped_by: 'emergency stop: hand in the cell' },
    });
    await expect(env.reset()).rejects.toMatchObject({ code: 'ENV_FAILED' });
    await operate('clear_emergency_stop()');
    await env.reset();
    expect(await env.step([0.5])).toMatchObject({ truncated: false });
    await env.close();
  });

  it('goes from session to session, as a trainer that evaluates needs it', async () => {
    const { connection } = await createCell();
    const [training, evaluation] = [
      await connection.make('SwingArm-v0'),
      await connection.make('SwingArm-v0'),
    ];
    await training.reset();
    await training.step([0.1]);
    await evaluation.reset();
    expect(await evaluation.step([0.1])).toMatchObject({ truncated: false });
    expect(await training.step([0.1])).toMatchObject({ truncated: true, terminated: false });
    await training.reset();
    expect(await training.step([0.1])).toMatchObject({ truncated: false });
    await training.close();
    await evaluation.close();
  });
});
