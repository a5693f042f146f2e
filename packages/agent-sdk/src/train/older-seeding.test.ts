/**
 * `testing/older-run` is the folder of a run that the version before seeds with a step wrote: two environments, same-step,
 * stopped after 34 of 60 steps. `resumed-metrics.jsonl` is what that version made of it when it went on.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCheckpoint } from '../checkpoint/checkpoint.ts';
import { runFilePath } from '../run-folder/run-file-names.ts';
import { TestRun } from '../testing/run-helpers.ts';
import { train } from './train.ts';

const written = join(import.meta.dirname, '../testing/older-run');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gymwire-'));
  for (const name of ['best.policy', 'checkpoint.bin', 'config.json', 'metrics.jsonl']) {
    await cp(join(written, name), join(folder, name));
  }
});
afterEach(() => rm(folder, { recursive: true }));

/** What older versions did not ask of an evaluation. */
const withoutValues = (text: string) => text.replaceAll(/,"valueStates":0,.*?"overestimation":null/g, '');

const readConfig = async () =>
  JSON.parse(await readFile(runFilePath(folder, 'config'), 'utf8')) as { seeding?: unknown };

function resumed(): TestRun {
  const run = new TestRun({}, { runFolder: folder, resume: true });
  return Object.assign(run, { request: { ...run.request, options: {} } });
}

describe('a run that an older version started', () => {
  it('goes on to the same bits, by the seeds that it had', async () => {
    const run = resumed();
    await train(run.request);
    const metrics = await readFile(runFilePath(folder, 'metrics'), 'utf8');
    const then = await readFile(join(written, 'resumed-metrics.jsonl'), 'utf8');
    // Events have a file of their own now.
    expect(withoutValues(metrics)).toBe(then.replace(/^\{"type":"resume".*\n/m, ''));
    // Later episodes went on with the environments' own streams.
    expect(run.envs[0]?.env.resets).toHaveLength(1);
    expect(run.envs[0]?.env.stepSeeds).toEqual([]);
    expect(run.eventsOf('warning')).toEqual([]);
  });

  it('keeps its seeding, and says so', async () => {
    expect((await readConfig()).seeding).toBeUndefined();
    await train(resumed().request);
    expect((await readConfig()).seeding).toEqual({ version: 1, laterEpisodes: 'from-streams' });
    expect(await readCheckpoint(runFilePath(folder, 'checkpoint'))).not.toHaveProperty('seeding');
    await train(resumed().request);
    expect((await readConfig()).seeding).toEqual({ version: 1, laterEpisodes: 'from-streams' });
  });

  it('is not made a newer one by who edits its config.json', async () => {
    const config = { ...(await readConfig()), seeding: { version: 2, laterEpisodes: 'from-seeds' } };
    await writeFile(runFilePath(folder, 'config'), JSON.stringify(config));
    await expect(train(resumed().request)).rejects.toMatchObject({
      code: 'CONFIG_MISMATCH',
      message: expect.stringContaining('seeding.version is 2, the run was started with 1') as string,
    });
  });
});
