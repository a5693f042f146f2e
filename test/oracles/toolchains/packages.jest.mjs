// Run by Jest, whose tests live in a realm of their own: Node's arrays, promises and errors are of another one.
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInThisContext } from 'node:vm';
import { connect, train } from '@gymwire/agent-sdk';
import { createCompiledLearner, readSnapshotFile, writeSnapshotFile } from '@gymwire/agent-sdk/parts';
import { startEnvServer } from '@gymwire/env-server';
import { exportPolicy, OnnxPolicy, verifyPolicy, writePolicyFile } from '@gymwire/exporter';
import { box, float32 } from '@gymwire/protocol';

const snapshot = {
  envId: 'Tiny-v0',
  envSteps: 0,
  configHash: '0'.repeat(64),
  actor: [{ inputs: 1, outputs: 1, weight: Float32Array.of(1), bias: Float32Array.of(0) }],
  actionLow: Float32Array.of(-2),
  actionHigh: Float32Array.of(2),
  observationLow: Float32Array.of(-8),
  observationHigh: Float32Array.of(8),
};
const NodesFloat32Array = runInThisContext('Float32Array');
let folder;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gymwire-jest-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('this is a realm of its own', () => {
  expect(NodesFloat32Array).not.toBe(Float32Array);
});

test('a policy is exported, verified and acts, on arrays of either realm', async () => {
  const { bytes } = await exportPolicy(snapshot);
  expect(await verifyPolicy(bytes)).toMatchObject({ ok: true });
  const policy = await OnnxPolicy.load(bytes);
  const [action] = await policy.act(Float32Array.of(1));
  expect(action).toBeCloseTo(2 * Math.tanh(1), 5);
  expect((await policy.act(NodesFloat32Array.of(1)))[0]).toBe(action);
  expect(await policy.act(Float32Array.of(1))).toBeInstanceOf(Float32Array);
  const foreign = {
    ...snapshot,
    actionLow: NodesFloat32Array.of(-2),
    actor: [{ ...snapshot.actor[0], weight: NodesFloat32Array.of(1) }],
  };
  expect(Buffer.from((await exportPolicy(foreign)).bytes).equals(Buffer.from(bytes))).toBe(true);
  await policy.dispose();
});

test('files are written and read, and what the system says of them is understood', async () => {
  const path = join(folder, 'policy.onnx');
  await writePolicyFile(path, (await exportPolicy(snapshot)).bytes);
  expect(await verifyPolicy(path)).toMatchObject({ ok: true });
  await expect(OnnxPolicy.load(join(folder, 'none'))).rejects.toMatchObject({ code: 'UNREADABLE_FILE' });
  const saved = join(folder, 'best.policy');
  await writeSnapshotFile(saved, { ...snapshot, actionLow: NodesFloat32Array.of(-2) });
  const read = await readSnapshotFile(saved);
  expect(Array.from(read.actionLow)).toEqual([-2]);
  expect(Buffer.byteLength(await readFile(saved))).toBeLessThan(5000);
});

/** Its step waits for a promise of Node's realm. */
function createPoint() {
  let x = 0;
  return {
    observationSpace: box([-10], [10]),
    actionSpace: box([-1], [1]),
    reset() {
      x = 1;
      return { observation: float32([x]), info: {} };
    },
    step(action) {
      x += action.data[0];
      const result = {
        observation: float32([x]),
        reward: -Math.abs(x),
        terminated: false,
        truncated: false,
        info: {},
      };
      return readFile(new URL(import.meta.url)).then(() => result);
    },
  };
}

test.each([
  [
    'compiled',
    {
      createLearner: (options, state) => createCompiledLearner(options, state, { thread: 'caller' }),
    },
  ],
  ['compiled in its thread', { learner: 'compiled' }],
  ['tfjs', { learner: 'tfjs-cpu' }],
])(
  'a server, a client and a training (%s) run in it',
  async (_name, learner) => {
    const envs = [{ id: 'Point-v0', make: createPoint, maxEpisodeSteps: 20 }];
    const server = await startEnvServer({ port: 0, envs });
    const connection = await connect(server.address);
    const env = await connection.make('Point-v0');
    await env.reset({ seed: 1 });
    expect((await env.step(NodesFloat32Array.of(0.5))).reward).toBe(-1.5);
    await env.close();
    const { policy } = await train({
      options: {
        envId: 'Point-v0',
        totalEnvSteps: 150,
        learningStarts: 50,
        hiddenSizes: [8],
        batchSize: 8,
        evaluationInterval: 100,
        evaluationEpisodes: 1,
      },
      connection,
      ...learner,
      runFolder: join(folder, _name),
    });
    expect((await exportPolicy(policy)).parity.maxError).toBeLessThan(1e-5);
    connection.close();
    await server.shutdown();
  },
  120_000,
);
