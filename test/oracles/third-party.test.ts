/** Simulators that others wrote, served by Python: equal here and over the wire, and good to train on and to deploy. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runPythonIn, thirdPartyPython } from './harness/python.ts';
import { startPythonServerIn } from './harness/python-server.ts';

interface Simulator {
  /** The id as `gymnasium.make` takes it. */
  readonly localId: string;
  readonly servedId: string;
  /** Arguments of `python -m gymwire serve`. */
  readonly serve: readonly string[];
  /** Keyword arguments of the local one: "name=JSON". */
  readonly args?: readonly string[];
}

const simulators: readonly Simulator[] = [
  byId('gymnasium_robotics:FetchReach-v4'),
  byId('highway_env:parking-v0'),
  byId('panda_gym:PandaReach-v3'),
  byId('shimmy:dm_control/cartpole-swingup-v0'),
  byId('BipedalWalker-v3'),
  byId('LunarLanderContinuous-v3'),
  {
    localId: 'metaworld:Meta-World/MT1',
    servedId: 'Reach-v3',
    serve: [
      '--env',
      'Reach-v3=metaworld:Meta-World/MT1',
      '--kwarg',
      'env_name=reach-v3',
      '--kwarg',
      'seed=3',
    ],
    args: ['env_name="reach-v3"', 'seed=3'],
  },
];

function byId(localId: string): Simulator {
  return { localId, servedId: localId.slice(localId.indexOf(':') + 1), serve: [localId] };
}

const script = join('test', 'oracles', 'third-party', 'match_simulator.py');

it.each(simulators)(
  '$localId: 200 steps of three episodes are the local ones, bit by bit',
  async (simulator) => {
    const { localId, servedId, serve, args = [] } = simulator;
    const address = await startPythonServerIn(thirdPartyPython(), ...serve);
    const said = await runPythonIn(thirdPartyPython(), script, address, servedId, localId, '200', ...args);
    const last = said.trimEnd().split('\n').at(-1) ?? '';
    expect(JSON.parse(last)).toEqual({ steps: expect.any(Number) });
  },
);

it.each(simulators)('$localId: trained, exported, verified', async ({ servedId, serve }) => {
  const folder = temporaryFolder();
  const address = await startPythonServerIn(thirdPartyPython(), ...serve);
  const steps = ['--steps', '300', '--learning-starts', '100', '--eval-every', '300', '--eval-episodes', '1'];
  const small = ['--hidden', '16,16', '--batch-size', '16', '--out', 'run'];
  const commands = [
    ['train', '--env', servedId, '--server', address, ...steps, ...small],
    ['export', 'run', '--out', 'policy.onnx'],
    ['verify', 'policy.onnx'],
  ];
  for (const command of commands) {
    const { code, stdout, stderr } = await runCli(command, folder);
    expect(code, `${command.join(' ')}\n${stdout}${stderr}`).toBe(0);
  }
});
