/** What MuJoCo warns of, wherever a session's simulations live: in infos, and once in the server's log. */
import { Writable } from 'node:stream';
import { connect } from '@gymwire/agent-sdk';
import { startEnvServer } from '@gymwire/env-server';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { explodingEnvs } from '../support/exploding-env.mjs';

it.each(explodingEnvs.map(({ id }) => id))(
  'a model that explodes in %s is in infos, and once in the log',
  async (envId) => {
    const lines: string[] = [];
    const sink = new Writable({
      write(chunk, _encoding, done) {
        lines.push(...String(chunk).trim().split('\n'));
        done();
      },
    });
    const server = await startEnvServer({
      port: 0,
      envs: explodingEnvs,
      envThreads: 2,
      logger: pino({}, sink),
    });
    const connection = await connect(server.address);
    onTestFinished(async () => {
      connection.close();
      await server.shutdown();
    });
    const warned = () => lines.filter((line) => line.includes('MuJoCo warns'));

    const envs = await connection.makeVector(envId, { numEnvs: 2, autoresetMode: 'disabled' });
    await envs.reset({ seed: 1 });
    const calm = await envs.step({ dtype: 'float32', shape: [2, 1], data: Float32Array.of(0, 0) });
    expect(calm.infos.size).toBe(0);
    for (const count of [1n, 2n]) {
      const { infos } = await envs.step({ dtype: 'float32', shape: [2, 1], data: Float32Array.of(1, 1) });
      expect([...infos]).toEqual([0, 1].map((i) => [i, { mujoco_warnings: { bad_qacc: count } }]));
    }
    await envs.close();
    await expect.poll(warned).toHaveLength(1);
    expect(warned()[0]).toMatch(/"msg":"\w+\.xml: MuJoCo warns: Nan, Inf or huge value in QACC/);
  },
);
