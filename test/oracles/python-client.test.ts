/** Gymnasium's own checkers on remote environments: the Python client at the TypeScript server, and at the Python one. */
import { join } from 'node:path';
import { startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';
import { expect, it, onTestFinished } from 'vitest';
import { ROOT } from '../../scripts/tools.mjs';
import { mujocoTasks, readGolden } from '../golden/mujoco-case.ts';
import { runPython } from './harness/python.ts';
import { startPythonServer } from './harness/python-server.ts';

const script = join('test', 'oracles', 'python', 'match_envs.py');
const classicIds = ['Pendulum-v1', 'MountainCarContinuous-v0'];
const mujocoIds = mujocoTasks.map(
  (task) => readGolden(join(ROOT, 'test', 'golden', 'mujoco', `${task}.json`)).envId,
);

interface Verdict {
  readonly envId: string;
  readonly steps?: number;
  readonly renderModes?: readonly string[];
  readonly compared?: number;
  readonly largest?: number;
  readonly drift?: number;
}

async function judge(what: string, address: string, ids: readonly string[]): Promise<readonly Verdict[]> {
  const report = await runPython(script, what, address, ...ids);
  const verdicts = report
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Verdict);
  expect(verdicts.map(({ envId }) => envId)).toEqual(ids);
  return verdicts;
}

async function startTypeScriptServer(): Promise<string> {
  const server = await startEnvServer({ envs: builtinEnvs, port: 0 });
  onTestFinished(() => server.shutdown());
  return server.address;
}

it('check_env is content with every environment of the TypeScript server', async () => {
  const verdicts = await judge('check', await startTypeScriptServer(), [...classicIds, ...mujocoIds]);
  expect(verdicts).toHaveLength(13);
  for (const { renderModes } of verdicts) expect(renderModes).toEqual(['rgb_array']);
});

it('the TypeScript server’s classic environments are Gymnasium’s for 1000 steps', async () => {
  for (const { steps } of await judge('match', await startTypeScriptServer(), classicIds)) {
    expect(steps).toBe(1000);
  }
});

it('the TypeScript server’s MuJoCo tasks are native ones, for as long as those are themselves', async () => {
  const verdicts = await judge('compare', await startTypeScriptServer(), mujocoIds);
  for (const { envId, compared = 0, largest = 0, drift = 0 } of verdicts) {
    process.stdout.write(`${envId}: ${compared} steps compared, ${largest} (native from itself ${drift})\n`);
    expect(largest).toBeLessThan(1e-6);
    expect(compared).toBeGreaterThanOrEqual(20);
  }
  // Most agree through all of the hundred; only contacts make a task chaotic before.
  expect(verdicts.filter(({ compared }) => compared === 100).length).toBeGreaterThanOrEqual(9);
});

it('the Python server’s environments are Gymnasium’s for 1000 steps, infos included', async () => {
  const ids = [...classicIds, ...mujocoIds];
  for (const { steps } of await judge('match', await startPythonServer(...ids), ids))
    expect(steps).toBe(1000);
});
