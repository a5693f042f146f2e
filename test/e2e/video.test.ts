/** `gymwire eval --video`: an episode that a person can watch. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEnvRegistry, createPendulum, startEnvServer } from '@gymwire/env-server';
import { exportPolicy } from '@gymwire/exporter';
import { describe, expect, it, onTestFinished } from 'vitest';
import { jsonLines, runCli } from '../support/cli.ts';
import { localEnvs } from '../support/local-env.ts';
import { trainSmall } from '../support/small-training.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A run of a moment, and its policy for an environment of another name. */
async function train(folder: string, envId: string, maxEpisodeSteps: number): Promise<void> {
  const options = { envId, maxEpisodeSteps, totalEnvSteps: 60, learningStarts: 40 };
  const { policy } = await trainSmall(localEnvs('same-step'), options, { runFolder: join(folder, 'run') });
  writeFileSync(join(folder, 'blind.onnx'), (await exportPolicy({ ...policy, envId: 'Blind-v0' })).bytes);
}

describe('eval --video', () => {
  it('films the first episode of the evaluation', async () => {
    const folder = temporaryFolder();
    await train(folder, 'Pendulum-v1', 40);
    const { code, stdout } = await runCli(
      ['--json', 'eval', 'run', '--episodes', '2', '--video', 'first.gif'],
      folder,
    );
    expect(code).toBe(0);
    const [video, evaluation] = jsonLines(stdout);
    expect(video).toMatchObject({
      type: 'video',
      path: 'first.gif',
      // The state before every step, and the last.
      frames: 41,
      framesPerSecond: 30,
      width: 200,
      height: 200,
      length: 40,
    });
    expect(evaluation).toMatchObject({ type: 'evaluation', lengths: [40, 40] });
    expect(video.return).toBeCloseTo((evaluation.returns as number[])[0], 6);

    const gif = readFileSync(join(folder, 'first.gif'));
    expect(gif.length).toBe(video.bytes);
    expect(gif.toString('latin1', 0, 6)).toBe('GIF89a');
    expect([gif.readUInt16LE(6), gif.readUInt16LE(8)]).toEqual([200, 200]);
    expect(gif.at(-1)).toBe(0x3b);
    expect(readdirSync(folder)).not.toContain('first.gif.partial');
  });

  it('films a MuJoCo robot, and tells people what it wrote', async () => {
    const folder = temporaryFolder();
    await train(folder, 'InvertedDoublePendulum-v5', 12);
    const { code, stdout } = await runCli(['eval', 'run', '--episodes', '1', '--video', 'robot.GIF'], folder);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^robot\.GIF: 0\.\d\d MB, \d+ frames of 480 × 480, 20\.0 a second; \d+ steps, return /m,
    );
    expect(readFileSync(join(folder, 'robot.GIF')).length).toBeGreaterThan(5_000);
  });

  it('says what is in the way, and leaves nothing behind', async () => {
    const folder = temporaryFolder();
    await train(folder, 'Pendulum-v1', 25);
    mkdirSync(join(folder, 'taken.gif'));
    const blind = { id: 'Blind-v0', make: () => createPendulum({ g: 10 }), maxEpisodeSteps: 25 };
    const server = await startEnvServer({ port: 0, registry: createEnvRegistry([blind]) });
    onTestFinished(async () => server.shutdown());
    const failing = async (args: readonly string[]) => {
      const { code, stdout } = await runCli(['--json', 'eval', ...args], folder);
      const lines = jsonLines(stdout);
      expect(lines).toHaveLength(1);
      return [code, lines[0].code, lines[0].message];
    };
    const before = readdirSync(folder);
    expect(await failing(['run', '--video', 'film.mp4'])).toEqual([
      2,
      'USAGE',
      '--video: expected a name that ends in .gif, got film.mp4',
    ]);
    const nowhere = join('no', 'such', 'folder', 'film.gif');
    expect(await failing(['run', '--video', nowhere])).toEqual([
      4,
      'NOT_WRITABLE',
      expect.stringContaining(`cannot write ${nowhere}: ENOENT`),
    ]);
    expect(await failing(['run', '--video', 'taken.gif'])).toEqual([
      4,
      'NOT_WRITABLE',
      'cannot write taken.gif: it is a folder',
    ]);
    expect(await failing(['blind.onnx', '--video', 'film.gif', '--server', server.address])).toEqual([
      2,
      'USAGE',
      '--video: Blind-v0 does not draw itself (it has no render mode rgb_array)',
    ]);
    expect(readdirSync(folder)).toEqual(before);
  });
});
