/** The TypeScript client and trainer against environments that Python serves. */
import { connect, type EnvConnection } from '@gymwire/agent-sdk';
import { startEnvServer } from '@gymwire/env-server';
import { isTensor } from '@gymwire/protocol';
import { builtinEnvs } from '@gymwire/simulators';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runCli } from '../support/cli.ts';
import { rowsOf } from '../support/play-vector-env.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startPythonServer } from './harness/python-server.ts';

/**
 * How many transitions after a reset are compared. Full swings with many contacts are chaotic: a last bit of Ant or
 * HalfCheetah grows to 1e-6 within a hundred steps, also between two native episodes.
 */
const mujocoSteps: ReadonlyArray<readonly [envId: string, count: number]> = [
  ['Ant-v5', 50],
  ['HalfCheetah-v5', 50],
  ['Hopper-v5', 100],
  ['Humanoid-v5', 100],
  ['HumanoidStandup-v5', 100],
  ['InvertedDoublePendulum-v5', 100],
  ['InvertedPendulum-v5', 100],
  ['Pusher-v5', 50],
  ['Reacher-v5', 100],
  ['Swimmer-v5', 100],
  ['Walker2d-v5', 100],
];

async function connected(address: string): Promise<EnvConnection> {
  const connection = await connect(address);
  onTestFinished(() => connection.close());
  return connection;
}

async function embedded(): Promise<EnvConnection> {
  const server = await startEnvServer({ envs: builtinEnvs, port: 0 });
  onTestFinished(() => server.shutdown());
  return connected(server.address);
}

/** The numbers of three times `count` transitions after a reset: observation, reward, both flags. */
async function play(connection: EnvConnection, envId: string, count: number): Promise<number[][]> {
  const env = await connection.make(envId);
  const size = env.actionSpace.type === 'box' ? env.actionSpace.low.data.length : 0;
  const high = env.actionSpace.type === 'box' ? Number(env.actionSpace.high.data[0]) : 0;
  const rows: number[][] = [];
  for (const seed of [1, 22, 333]) {
    rows.push(...rowsOf((await env.reset({ seed })).observation, 1));
    for (let t = 0; t < count; t++) {
      const action = Float32Array.from(
        { length: size },
        (_, i) => high * Math.sin(1 + 0.7 * t + 3 * i + seed),
      );
      const { observation, reward, terminated, truncated } = await env.step(action);
      expect(isTensor(observation)).toBe(true);
      rows.push([...(rowsOf(observation, 1)[0] ?? []), reward, Number(terminated), Number(truncated)]);
      if (terminated || truncated) break;
    }
  }
  await env.close();
  return rows;
}

function largestDifference(ours: readonly number[][], theirs: readonly number[][]): number {
  expect(ours.map((row) => row.length)).toEqual(theirs.map((row) => row.length));
  return Math.max(
    ...ours.flatMap((row, i) =>
      row.map((x, k) => Math.abs(x - theirs[i][k]) / Math.max(1, Math.abs(theirs[i][k]))),
    ),
  );
}

describe('transitions after a reset', () => {
  it.each(['Pendulum-v1', 'MountainCarContinuous-v0'])(
    '%s: the first hundred are the built-in’s, bit by bit',
    async (envId) => {
      const [here, there] = [await embedded(), await connected(await startPythonServer(envId))];
      const ours = await play(here, envId, 100);
      expect(ours).toHaveLength(303);
      expect(await play(there, envId, 100)).toEqual(ours);
    },
  );

  it('of MuJoCo tasks are the built-ins’ to rounding', async () => {
    const ids = mujocoSteps.map(([envId]) => envId);
    const [here, there] = [await embedded(), await connected(await startPythonServer(...ids))];
    for (const [envId, count] of mujocoSteps) {
      const difference = largestDifference(await play(here, envId, count), await play(there, envId, count));
      process.stdout.write(`${envId}: ${count} steps after each reset, ${difference}\n`);
      expect(difference, envId).toBeLessThan(1e-6);
    }
  });
});

it('the trainer trains on an environment that Python serves', async () => {
  const folder = temporaryFolder();
  const address = await startPythonServer('Pendulum-v1');
  const args = ['train', '--env', 'Pendulum-v1', '--server', address, '--out', 'run', '--steps', '1200'];
  const trained = await runCli([...args, '--eval-every', '1200', '--eval-episodes', '2'], folder);
  expect(trained.stderr + trained.stdout).toContain('step 1200: return');
  expect(trained.code).toBe(0);
});
