/** One training on hosts of two languages: where Pendulum is, and in which language, changes no bit. */
import { join } from 'node:path';
import { connectFleet } from '@gymwire/agent-sdk';
import { startEnvServer } from '@gymwire/env-server';
import { builtinEnvs } from '@gymwire/simulators';
import { expect, it, onTestFinished } from 'vitest';
import { fileHashes } from '../support/run-files.ts';
import { trainSmall } from '../support/small-training.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startPythonServer } from './harness/python-server.ts';

it.each(['same-step', 'next-step', 'disabled'] as const)(
  'Pendulum on a fleet of TypeScript’s and Python’s servers leaves the weights and metrics of one host, %s',
  async (autoresetMode) => {
    const own = await Promise.all([1, 2].map(() => startEnvServer({ envs: builtinEnvs, port: 0 })));
    onTestFinished(async () => void (await Promise.all(own.map((server) => server.shutdown()))));
    const python = await Promise.all([1, 2].map(() => startPythonServer('Pendulum-v1')));
    const [first, second] = own.map(({ address }) => address);
    const folder = temporaryFolder();
    const runs = [];
    for (const hosts of [[first], [first, python[0]], [python[0], first, python[1], second], [python[0]]]) {
      const fleet = await connectFleet(hosts);
      const runFolder = join(folder, String(runs.length));
      const options = { numEnvs: 8, autoresetMode, totalEnvSteps: 480, learningStarts: 160 };
      const { learner } = await trainSmall(fleet, options, { runFolder });
      fleet.close();
      const { config: _, ...files } = fileHashes(runFolder);
      runs.push({ learner, files });
    }
    for (const run of runs.slice(1)) expect(run).toEqual(runs[0]);
  },
);

it('batch simulators of a fixed number make a fleet, in sessions of that number, with the bits of one that has all', async () => {
  const fixed = await Promise.all(
    [1, 2].map(() => startPythonServer('--vector', 'Pendulum-v1', '--num-envs', '4')),
  );
  const whole = await startPythonServer('--vector', 'Pendulum-v1');
  const folder = temporaryFolder();
  const runs = [];
  for (const hosts of [[whole], fixed.slice(0, 1), fixed]) {
    const fleet = await connectFleet(hosts);
    const env = await fleet.makeVector('Pendulum-v1', { numEnvs: 8, autoresetMode: 'same-step' });
    expect(env.places?.hosts).toEqual(hosts);
    await env.close();
    const runFolder = join(folder, String(runs.length));
    const { learner } = await trainSmall(
      fleet,
      { numEnvs: 8, totalEnvSteps: 480, learningStarts: 160, maxEpisodeSteps: undefined },
      { runFolder },
    );
    fleet.close();
    const { config: _, ...files } = fileHashes(runFolder);
    runs.push({ learner, files });
  }
  for (const run of runs.slice(1)) expect(run).toEqual(runs[0]);
  const fleet = await connectFleet(fixed);
  onTestFinished(() => fleet.close());
  await expect(fleet.makeVector('Pendulum-v1', { numEnvs: 6 })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringMatching(/batch simulator of 4 environments a session: expected a multiple/),
  });
});
