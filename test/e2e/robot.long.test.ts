/** examples/robot as its reader would use it: arm, bad network, server and client, each in a process of its own. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { connect, readRunSummary } from '@gymwire/agent-sdk';
import { isTensor, type Value } from '@gymwire/protocol';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ROOT, runNode } from '../../scripts/tools.mjs';
import { type NodeProgram, startNodeProgram } from '../support/node-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const built = join(ROOT, 'examples', 'dist', 'robot');
const envId = 'SwingArm-v0';
const patient = { timeout: 60_000 };

function start(path: string, args: readonly string[]): NodeProgram {
  const program = startNodeProgram(path, args, ROOT);
  onTestFinished(() => program.stop());
  return program;
}

const argsOf = (options: Readonly<Record<string, string>>) =>
  Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);

/** Times are generous: other tests run at the same time. */
async function createCell(link: Readonly<Record<string, string>> = {}) {
  const arm = start(join(built, 'simulated-arm.js'), ['--log', ...argsOf({ 'timeout-ms': '1500' })]);
  const [, robot = ''] = await arm.printed(/arm on (\S+)/);
  const network = start(join(built, 'unreliable-link.js'), argsOf({ target: robot, ...link }));
  const [, address = ''] = await network.printed(/link on (\S+)/);
  const bridge = start(
    join(built, 'serve.js'),
    argsOf({ robot: address, port: '0', 'watchdog-ms': '3000', 'episode-steps': '10' }),
  );
  const [, server = ''] = await bridge.printed(/serving on (\S+)/);
  const connectToArm = async () => {
    const connection = await connect(server);
    onTestFinished(() => connection.close());
    return connection.make(envId, { maxEpisodeSteps: 0 });
  };
  const trainer = () => start(join(ROOT, 'test', 'support', 'robot-client.mjs'), [server, envId]);
  return { arm, network, bridge, server, connectToArm, trainer };
}

interface LogLine {
  readonly mode: string;
  readonly tick: number;
}

/** The arm's log since its last line of a mode, that line included; it is waited for. */
async function since(arm: NodeProgram, mode: string): Promise<readonly LogLine[]> {
  await arm.printed(new RegExp(`"mode":"${mode}"`));
  const lines = arm
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'));
  const log = lines.map((line) => JSON.parse(line) as LogLine);
  return log.slice(log.findLastIndex((line) => line.mode === mode));
}

const numbers = (value: Value): number[] => (isTensor(value) ? [...value.data].map(Number) : []);

describe('the arm', () => {
  it('is driven through a network that delays, reorders and loses', async () => {
    const { connectToArm, arm } = await createCell({ 'delay-ms': '5', 'jitter-ms': '15', loss: '0.2' });
    const env = await connectToArm();
    expect(env.spec.nondeterministic).toBe(true);
    const { observation } = await env.reset();
    expect(numbers(observation)[0]).toBeLessThan(-0.9);
    let [highest, speed, ticks] = [-1, 0, 0n];
    for (let i = 0; i < 150 && highest < 0; i++) {
      // With its speed: it swings up.
      const { observation: next, info, truncated } = await env.step([speed >= 0 ? 1 : -1]);
      expect([truncated, info['stopped_by']]).toEqual([false, '']);
      expect(info['tick']).toBeGreaterThan(ticks);
      ticks = info['tick'] as bigint;
      speed = numbers(next)[2] ?? 0;
      highest = Math.max(highest, numbers(next)[0] ?? -1);
    }
    expect(highest).toBeGreaterThan(0);
    await env.close();
    await expect.poll(async () => (await since(arm, 'controlled')).at(-1)?.mode, patient).toBe('safe');
  });

  it('stops by itself when the network falls silent, and the episode is truncated', async () => {
    const { connectToArm, arm, network } = await createCell();
    const env = await connectToArm();
    await env.reset();
    expect(await env.step([0.5])).toMatchObject({ truncated: false });
    network.type('silence');
    await network.printed(/silent/);
    let step = await env.step([0.5]);
    while (!step.truncated) step = await env.step([0.5]);
    expect(step).toMatchObject({ terminated: false });
    expect(step.info['stopped_by']).toMatch(/^stale observation/);
    await arm.printed(/"mode":"timeout"/);
    network.type('talk');
    await network.printed(/talking/);
    await expect.poll(() => env.reset().then(() => 'reset', String), patient).toBe('reset');
    expect(await env.step([0.5])).toMatchObject({ truncated: false });
  });

  it('gets the safe action when its sensor falls silent, which its driver does not notice, until a reset', async () => {
    const { connectToArm, arm } = await createCell();
    const env = await connectToArm();
    await env.reset();
    expect(await env.step([0.5])).toMatchObject({ truncated: false });
    arm.type('unplug');
    let step = await env.step([0.5]);
    while (!step.truncated) step = await env.step([0.5]);
    expect(step).toMatchObject({ terminated: false });
    expect(step.info['stopped_by']).toMatch(/^stale observation: 3\d\d\d ms old; since then .* none$/);
    await expect.poll(async () => (await since(arm, 'controlled')).at(-1)?.mode, patient).toBe('safe');
    await expect(env.reset()).rejects.toMatchObject({
      code: 'ENV_FAILED',
      message: expect.stringMatching(/the arm has reported nothing for 100 ticks|stale observation/),
    });
    arm.type('plug');
    await expect.poll(() => env.reset().then(() => 'reset', String), patient).toBe('reset');
    expect(await env.step([0.5])).toMatchObject({ truncated: false });
  });

  it('gets the safe action when its trainer is killed', async () => {
    const { arm, trainer } = await createCell();
    const program = trainer();
    await program.printed(/step 5\n/);
    await program.kill('SIGKILL');
    await expect.poll(async () => (await since(arm, 'controlled')).at(-1)?.mode, patient).toBe('safe');
  });

  it('stops by itself when the bridge is killed', async () => {
    const { arm, bridge, trainer } = await createCell();
    await trainer().printed(/step 5\n/);
    await bridge.kill('SIGKILL');
    await expect.poll(async () => (await since(arm, 'controlled')).at(-1)?.mode, patient).toBe('timeout');
  });

  it('is stopped by the operator and by its red button, until both are cleared', async () => {
    const { arm, bridge, connectToArm } = await createCell();
    const env = await connectToArm();
    await env.reset();
    bridge.type('stop');
    await arm.printed(/"mode":"braked"/);
    expect(await env.step([0.5])).toMatchObject({
      truncated: true,
      info: { stopped_by: 'emergency stop: the operator said so' },
    });
    await expect(env.reset()).rejects.toMatchObject({ code: 'ENV_FAILED' });
    bridge.type('clear');
    await expect.poll(() => env.reset().then(() => 'reset', String), patient).toBe('reset');
    arm.type('press');
    await expect
      .poll(() => env.reset().then(() => 'reset', String), patient)
      .toMatch(/red button is pressed/);
    bridge.type('clear');
    arm.type('turn');
    await arm.printed(/"mode":"turned back"/);
    await expect
      .poll(async () => {
        bridge.type('clear');
        return env.reset().then(() => 'reset', String);
      }, patient)
      .toBe('reset');
  });

  it('is trained by its script, which evaluates on the same arm', async () => {
    const { server } = await createCell();
    const folder = temporaryFolder();
    const args = [server, folder, '60'];
    const { code, stdout, stderr } = await runNode(join(built, 'train.js'), args, { capture: true });
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/return of the best policy -\d+\.\d over 3 episodes/);
    expect(await readRunSummary(folder)).toMatchObject({ envSteps: 60, options: { envId } });
  });
});

it('the walk that is killed leaves nobody behind: arm, server and trainer hear of it', async () => {
  const folder = join(temporaryFolder(), 'arm');
  const walk = start(join(built, 'walk.js'), [folder, '100000']);
  await walk.printed(/serve: serving on (\S+)/);
  // The trainer has begun: it takes the folder.
  await vi.waitFor(() => expect(existsSync(folder)).toBe(true), patient);
  // Over when the last of them has let go of what it prints to.
  await walk.kill('SIGKILL');
}, 60_000);
