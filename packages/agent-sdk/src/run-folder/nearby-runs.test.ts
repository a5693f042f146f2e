import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimRunFolder } from './claim-run-folder.ts';
import { readRunPolicy, readRunSummary } from './run-files.ts';

describe('a folder that holds no run', () => {
  let runs: string;
  beforeAll(async () => {
    runs = await mkdtemp(join(tmpdir(), 'gymwire-nearby-'));
    for (const name of ['Pendulum-v1-seed0', 'Pendulum-v1-seed1', 'Hopper-v5-seed0']) {
      await mkdir(join(runs, name));
      await writeFile(join(runs, name, 'checkpoint.bin'), '');
    }
    await mkdir(join(runs, 'Pendulum-v1-notes'));
  });
  afterAll(() => rm(runs, { recursive: true, force: true }));

  const meant = () =>
    `; did you mean ${join(runs, 'Pendulum-v1-seed0')}, ${join(runs, 'Pendulum-v1-seed1')}?`;

  it('is refused with the runs whose names begin as its own', async () => {
    const folder = join(runs, 'pendulum-v1');
    const nothing = `there is nothing at ${folder}${meant()}`;
    await expect(readRunSummary(folder)).rejects.toThrow(nothing);
    await expect(readRunPolicy(folder, 'bestPolicy')).rejects.toThrow(nothing);
  });

  it('is told from none at all, and from a file', async () => {
    const notes = join(runs, 'Pendulum-v1-notes');
    const policy = join(runs, 'policy.onnx');
    await writeFile(policy, '');
    await expect(readRunPolicy(notes, 'bestPolicy')).rejects.toThrow(
      `${notes}: holds no run (best.policy is missing)`,
    );
    await expect(readRunPolicy(policy, 'bestPolicy')).rejects.toThrow(
      `${policy} is a file, expected the folder of a run: an .onnx file is a policy that was exported already`,
    );
    await expect(claimRunFolder(policy, { resume: false })).rejects.toThrow(
      `${policy} is a file, expected a folder: name another one`,
    );
    await rm(policy);
  });

  it('is refused so by a resume as well', async () => {
    const folder = join(runs, 'Pendulum-v1');
    const claimed = claimRunFolder(folder, { resume: true });
    await expect(claimed).rejects.toThrow(
      `no run to resume: there is nothing at ${folder}${meant()}; to begin a new run, leave resume away`,
    );
  });

  it('is refused with the runs in it', async () => {
    await expect(readRunSummary(runs)).rejects.toThrow(
      `did you mean ${join(runs, 'Hopper-v5-seed0')}, ${join(runs, 'Pendulum-v1-seed0')}`,
    );
  });

  it('is refused alone where nothing is like it', async () => {
    await expect(readRunSummary(join(runs, 'Walker'))).rejects.toThrow(/there is nothing at .*Walker$/);
  });
});
