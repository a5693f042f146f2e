/** examples/reach-arm as its reader would use it: the server in a process of its own, from the build. */
import { join } from 'node:path';
import { connect, type EnvClient, type EnvConnection } from '@gymwire/agent-sdk';
import { type BoxSpace, isTensor, type StepResult, type Value } from '@gymwire/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../scripts/tools.mjs';
import { type NodeProgram, startNodeProgram } from '../support/node-program.ts';

const envId = 'ReachArm-v0';
let server: NodeProgram;
let connection: EnvConnection;

beforeAll(async () => {
  server = startNodeProgram(join(ROOT, 'examples', 'dist', 'reach-arm', 'serve.js'), ['0'], ROOT);
  const [, address = ''] = await server.printed(/serving on (\S+)/);
  connection = await connect(address);
});

afterAll(async () => {
  connection.close();
  await server.stop();
});

const numbers = (value: Value): number[] => (isTensor(value) ? [...value.data].map(Number) : []);
const distanceOf = ({ info }: Pick<StepResult, 'info'>) => Number(info['distance']);

/** The joint angles that put the fingertip on the target: two links of 0.3 m on a shoulder 0.1 m up. */
function anglesFor(observation: Value): number[] {
  const [x = 0, y = 0, z = 0] = numbers(observation).slice(6, 9);
  const [across, up] = [Math.hypot(x, y), z - 0.1];
  const elbow = 2 * Math.acos(Math.hypot(across, up) / 0.6);
  return [Math.atan2(y, x), Math.atan2(across, up) - elbow / 2, elbow];
}

async function playEpisode(env: EnvClient, seed: number, act: (observation: Value) => number[]) {
  const steps: Array<Pick<StepResult, 'observation' | 'info'> & Partial<StepResult>> = [
    await env.reset({ seed }),
  ];
  do steps.push(await env.step(act(steps.at(-1)?.observation ?? null)));
  while (!steps.at(-1)?.terminated && !steps.at(-1)?.truncated);
  return steps;
}

describe('the robot arm', () => {
  it("has the model's joint ranges as its action space, and an unbounded observation", async () => {
    const env = await connection.make(envId);
    const { low, high } = env.actionSpace as BoxSpace;
    const degrees = (tensor: Value) => numbers(tensor).map((angle) => Math.round((angle * 180) / Math.PI));
    expect(degrees(low)).toEqual([-180, -30, 0]);
    expect(degrees(high)).toEqual([180, 90, 150]);
    expect((env.observationSpace as BoxSpace).low).toMatchObject({ dtype: 'float64', shape: [12] });
    await env.close();
  });

  it('reaches every target when it is told the right angles, and not when it does nothing', async () => {
    const env = await connection.make(envId);
    for (let seed = 0; seed < 10; seed++) {
      const steps = await playEpisode(env, seed, anglesFor);
      expect(steps).toHaveLength(61);
      expect(steps.at(-1)).toMatchObject({ terminated: false, truncated: true });
      expect(distanceOf(steps[0] as StepResult)).toBeGreaterThan(0.02);
      expect(distanceOf(steps.at(-1) as StepResult)).toBeLessThan(0.002);
    }
    const idle = await playEpisode(env, 0, () => [0, 0, 0]);
    expect(distanceOf(idle.at(-1) as StepResult)).toBeGreaterThan(0.1);
    await env.close();
  });

  it('rewards nearness and calm', async () => {
    const env = await connection.make(envId);
    const steps = await playEpisode(env, 4, anglesFor);
    for (const step of steps.slice(1)) {
      const speeds = numbers(step.observation).slice(3, 6);
      const haste = speeds.reduce((sum, speed) => sum + speed ** 2, 0);
      expect(step.reward).toBeCloseTo(-distanceOf(step) - 1e-3 * haste, 12);
      expect(Math.hypot(...numbers(step.observation).slice(9))).toBeCloseTo(distanceOf(step), 12);
    }
    await env.close();
  });

  it('gives the same episode for the same seed, in a vector of copies too', async () => {
    const [one, other] = [await connection.make(envId), await connection.make(envId)];
    await playEpisode(other, 1, anglesFor);
    const episode = await playEpisode(one, 12, anglesFor);
    expect(await playEpisode(other, 12, anglesFor)).toEqual(episode);
    expect(await playEpisode(other, 13, anglesFor)).not.toEqual(episode);

    const vector = await connection.makeVector(envId, { numEnvs: 3 });
    const { observation } = await vector.reset({ seed: 11 });
    expect(numbers(observation).slice(12, 24)).toEqual(numbers(episode[0]?.observation ?? null));
    await Promise.all([one.close(), other.close(), vector.close()]);
  });
});
