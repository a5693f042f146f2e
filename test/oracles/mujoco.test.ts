/** Gymnasium's MuJoCo tasks, here and in Python on native MuJoCo: five seeds of 1000 steps of random actions each. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Differences, mujocoTasks, readGolden, replay } from '../golden/mujoco-case.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runPython } from './harness/python.ts';

const script = join('test', 'golden', 'mujoco', 'make_trajectories.py');

it('makes the same trajectories as the committed ones', async () => {
  const report = await runPython(script, '--check');
  const counts = [...report.matchAll(/^(\S+)\.json: (\d+) steps, (\d+) different/gm)];
  expect(counts.map(([, task]) => task)).toEqual(mujocoTasks);
  for (const [, , steps, different] of counts) {
    expect(Number(steps)).toBeGreaterThan(200);
    expect(different).toBe('0');
  }
});

describe('a thousand random steps', () => {
  it.each(mujocoTasks)(
    '%s is that of native MuJoCo for as long as native MuJoCo is that of itself',
    async (task) => {
      const folder = temporaryFolder();
      await runPython(script, '--task', task, '--long', folder);
      const { envId, sessions } = readGolden(join(folder, `${task}.json`));
      expect(sessions).toHaveLength(5);
      const found: Differences[] = [];
      for (const recording of sessions) found.push(await replay(envId, recording));

      const early = sum(found, 'early');
      const late = sum(found, 'late');
      const calm = sum(found, 'calm');
      const lostSteps = found.reduce((total, differences) => total + differences.lostSteps, 0);
      const resets = sessions.reduce((total, { episodes }) => total + episodes.length, 0);
      process.stdout.write(
        `${envId}: ${resets} resets; ${Object.entries({ 'first 100 steps': early, later: late, calm })
          .map(
            ([name, part]) =>
              `${name} ${power(part.largest)} (native from itself ${power(part.drift)}, ${part.steps} steps)`,
          )
          .join('; ')}; ${lostSteps} steps not compared\n`,
      );
      expect(found.flatMap(({ faults }) => faults)).toEqual([]);
      expect(calm.largest).toBeLessThan(1e-6);
      expect(calm.steps).toBeGreaterThan(100);
      expect(early.steps + late.steps + lostSteps).toBe(5000);
    },
  );
});

function sum(found: readonly Differences[], name: 'early' | 'late' | 'calm') {
  const parts = found.map((differences) => differences[name]);
  return {
    largest: Math.max(...parts.map(({ largest }) => largest)),
    drift: Math.max(...parts.map(({ drift }) => drift)),
    steps: parts.reduce((total, { steps }) => total + steps, 0),
  };
}

const power = (x: number) => x.toExponential(1);
