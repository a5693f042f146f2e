import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PolicySnapshot } from '../policy/policy-snapshot.ts';
import { createInitialState } from '../td3/initial-state.ts';
import { readSnapshotFile, writeSnapshotFile } from './snapshot-file.ts';
import { writeContainer } from './write-container.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gymwire-'));
  path = join(folder, 'best.policy');
});
afterEach(() => rm(folder, { recursive: true }));

const snapshot: PolicySnapshot = {
  envId: 'Pendulum-v1',
  actor: createInitialState({ observationSize: 3, actionSize: 1, hiddenSizes: [4, 5] }, 1).actor,
  actionLow: Float32Array.of(-2),
  actionHigh: Float32Array.of(2),
  observationLow: Float32Array.of(-1, -1, -Infinity),
  observationHigh: Float32Array.of(1, 1, Infinity),
  envSteps: 1234,
  configHash: 'c0ffee',
};

describe('policy file', () => {
  it('gives back the snapshot, optional parts or not', async () => {
    await writeSnapshotFile(path, snapshot);
    expect(await readSnapshotFile(path)).toEqual(snapshot);
    const full: PolicySnapshot = {
      ...snapshot,
      envArguments: { g: 9.5, range: [0, 1], name: 'x', on: true },
      maxEpisodeSteps: 0,
      observationLayout: {
        type: 'dict',
        entries: [
          ['b', { type: 'tuple', items: [{ type: 'box', dtype: 'float64', shape: [] }] }],
          ['a', { type: 'box', dtype: 'uint8', shape: [1, 2] }],
        ],
      },
      observationNormalizer: { mean: new Float32Array(3), scale: Float32Array.of(1, 2, 3), clip: 10 },
      evaluation: { episodes: 10, meanReturn: -150.25, stdReturn: 0.1, meanLength: 200 },
    };
    await writeSnapshotFile(path, full);
    expect(await readSnapshotFile(path)).toEqual(full);
  });

  it.runIf(process.platform !== 'win32')('puts no file in the place of what is none', async () => {
    const socket = createServer().listen(path);
    await once(socket, 'listening');
    await expect(writeSnapshotFile(path, snapshot)).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
    expect((await stat(path)).isSocket()).toBe(true);
    socket.close();
  });

  it.each([
    ['layers that do not follow on one another', { actor: snapshot.actor.slice(1) }],
    ['bounds for other actions', { actionLow: new Float32Array(2) }],
    ['fewer upper bounds', { observationHigh: new Float32Array(2) }],
    ['a layer of another size', { actor: [{ ...snapshot.actor[0], bias: new Float32Array(9) }] }],
    ['no layers', { actor: [] }],
    ['an argument that is none', { envArguments: { g: null } }],
    ['a number of steps that is none', { envSteps: -1 }],
    ['a layout of other size', { observationLayout: { type: 'box', dtype: 'bool', shape: [2] } }],
    ['a layout that is none', { observationLayout: { type: 'box', dtype: 'float16', shape: [3] } }],
    ['a field that nobody knows', { colour: 'blue' }],
  ])('refuses %s', async (_what, change) => {
    await writeContainer(path, 'policy', { ...snapshot, ...change });
    await expect(readSnapshotFile(path)).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
  });
});
