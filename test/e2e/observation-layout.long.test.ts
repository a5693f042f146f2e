/** A Dict observation from the simulator to the robot: the file knows its keys, their order and shapes. */
import { join } from 'node:path';
import { connect, type EnvConnection } from '@gymwire/agent-sdk';
import { createFlattener } from '@gymwire/agent-sdk/parts';
import { type EnvRegistration, type EnvServer, startEnvServer } from '@gymwire/env-server';
import { exportPolicy, OnnxPolicy, writePolicyFile } from '@gymwire/exporter';
import type { Space } from '@gymwire/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCli } from '../support/cli.ts';
import { smallRun, trainSmall } from '../support/small-training.ts';
import { targetEnv } from '../support/target-env.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** The same observations; a space lists its entries in an order of its own. */
const reordered: EnvRegistration = {
  ...targetEnv,
  id: 'Reordered-v0',
  async make(context) {
    const env = await targetEnv.make(context);
    return { ...env, observationSpace: backwards(env.observationSpace) };
  },
};

function backwards(space: Space): Space {
  return space.type === 'dict' ? { ...space, entries: space.entries.toReversed() } : space;
}

let server: EnvServer;
let connection: EnvConnection;
let bytes: Uint8Array;

beforeAll(async () => {
  server = await startEnvServer({ port: 0, envs: [targetEnv, reordered] });
  connection = await connect(server.address);
  const { policy } = await trainSmall(connection, { ...smallRun, envId: 'Target-v0' });
  ({ bytes } = await exportPolicy(policy));
});

afterAll(async () => {
  connection.close();
  await server.shutdown();
});

it('acts on what a client returns, as on the flattened row', async () => {
  const policy = await OnnxPolicy.load(bytes);
  expect(policy.metadata.observation.layout).toEqual({
    type: 'dict',
    entries: [
      [
        'clock',
        {
          type: 'tuple',
          items: [
            { type: 'box', dtype: 'float32', shape: [1] },
            { type: 'box', dtype: 'float32', shape: [1] },
          ],
        },
      ],
      ['target', { type: 'box', dtype: 'float32', shape: [1] }],
    ],
  });
  const [env, vector] = await Promise.all([
    connection.make('Reordered-v0'),
    connection.makeVector('Target-v0', { numEnvs: 3, autoresetMode: 'same-step' }),
  ]);
  const batch = (await vector.reset({ seed: 5 })).observation;
  const rows = new Float32Array(9);
  createFlattener(vector.observationSpace, 'observation').write(batch, 3, rows);
  const actions = await policy.act(rows, 3);
  expect(await policy.act(batch, 3)).toEqual(actions);
  // The order of the file counts, not that of whoever gives the observation.
  const { observation } = await env.reset({ seed: 5 });
  expect(await policy.act(observation)).toEqual(actions.slice(0, 1));
  await expect(policy.act({ target: [1] })).rejects.toMatchObject({ code: 'OBSERVATION_STRUCTURE' });
  await Promise.all([env.close(), vector.close(), policy.dispose()]);
});

it('is refused, and not misread, where an environment lists its entries in another order', async () => {
  const folder = temporaryFolder();
  const policyFile = join(folder, 'policy.onnx');
  await writePolicyFile(policyFile, bytes);
  const on = (envId: string) =>
    runCli(['run', policyFile, '--env', envId, '--episodes', '1', '--server', server.address], folder);
  expect(await on('Target-v0')).toMatchObject({ code: 0 });
  const { code, stderr } = await on('Reordered-v0');
  expect(code).toBe(2);
  expect(stderr).toContain(
    'error OBSERVATION_STRUCTURE: ' +
      `${policyFile}, trained on Target-v0, reads Reordered-v0 wrongly: expected observation["clock"][0] of 1 numbers ` +
      'as its part 1, got observation["target"] of 1 numbers',
  );
});
