/** `gymwire eval --video`: an episode that a person can watch. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEnvServer } from '@gymwire/env-server';
import { exportPolicy } from '@gymwire/exporter';
import { createPendulum } from '@gymwire/simulators';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { jsonLines, runCli, startCli } from '../support/cli.ts';
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
      // The state before every other step, and the last.
      frames: 21,
      framesPerSecond: 15,
      width: 200,
      height: 200,
      length: 40,
      isWhole: true,
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
      /^robot\.GIF: 0\.\d\d MB, \d+ frames of 320 × 320, 10\.0 a second; \d+ steps, return /m,
    );
    expect(readFileSync(join(folder, 'robot.GIF')).length).toBeGreaterThan(3_000);
  });

  it('says what is in the way, and leaves nothing behind', async () => {
    const folder = temporaryFolder();
    await train(folder, 'Pendulum-v1', 25);
    mkdirSync(join(folder, 'taken.gif'));
    const blind = { id: 'Blind-v0', make: () => createPendulum({ g: 10 }), maxEpisodeSteps: 25 };
    const server = await startEnvServer({ port: 0, envs: [blind] });
    onTestFinished(async () => server.shutdown());
    const failing = async (args: readonly string[]) => {
      const { code, stdout } = await runCli(['--json', 'eval', ...args], folder);
      const lines = jsonLines(stdout);
      expect(lines).toHaveLength(1);
      return [code, lines[0].code, lines[0].message];
    };
    const before = readdirSync(folder);
    expect(await failing(['run', '--video', 'film.webm'])).toEqual([
      2,
      'USAGE',
      '--video: expected a name that ends in .gif or .mp4, got film.webm',
    ]);
    expect(await failing(['run', '--video-every', '2'])).toEqual([
      2,
      'USAGE',
      'eval: --video-every, --video-size and --video-limit belong to --video',
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

describe('a long eval --video', () => {
  it('is seen to go on, and is as small as one wants it', async () => {
    const folder = temporaryFolder();
    await train(folder, 'Pendulum-v1', 120);
    const film = ['--json', 'eval', 'run', '--episodes', '1', '--video', 'film.gif'];
    const videoOf = async (...args: string[]) => {
      const { code, stdout } = await runCli([...film, ...args], folder);
      expect(code).toBe(0);
      const lines = jsonLines(stdout);
      const { bytes } = lines.find(({ type }) => type === 'video') as { bytes?: number };
      expect(readFileSync(join(folder, 'film.gif')).length).toBe(bytes);
      return lines;
    };
    const [far, farther, every] = await videoOf('--video-every', '1');
    expect(far).toMatchObject({ type: 'filming', length: 49, frames: 50 });
    expect(farther).toMatchObject({ type: 'filming', length: 99, frames: 100 });
    expect(every).toMatchObject({ frames: 121, framesPerSecond: 30, width: 200, length: 120 });
    const [small] = await videoOf('--video-every', '10', '--video-size', '100');
    expect(small).toMatchObject({ frames: 13, framesPerSecond: 3, width: 100, height: 100, length: 120 });
    expect(small?.bytes).toBeLessThan((every?.bytes as number) / 8);
  });

  it('ends at its limit with a whole file, says so, and the evaluation goes on', async () => {
    const folder = temporaryFolder();
    await train(folder, 'Pendulum-v1', 120);
    const args = ['--json', 'eval', 'run', '--episodes', '1', '--video', 'film.gif', '--video-limit', '0.02'];
    const { code, stdout, stderr } = await runCli(args, folder);
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/ends after \d+ steps, at --video-limit \(0\.02 MB\)/),
    ]);
    const lines = jsonLines(stdout);
    const video = lines.find(({ type }) => type === 'video');
    expect(video).toMatchObject({ isWhole: false });
    expect(video?.length).toBeLessThan(120);
    const gif = readFileSync(join(folder, 'film.gif'));
    expect(gif.length).toBeGreaterThan(20_000);
    expect(gif.length).toBeLessThan(40_000);
    expect(gif.at(-1)).toBe(0x3b);
    expect(lines.at(-1)).toMatchObject({ type: 'evaluation', lengths: [120] });
  });

  it.runIf(process.platform !== 'win32')('stops at Ctrl-C and leaves nothing behind', async () => {
    const folder = temporaryFolder();
    await train(folder, 'Pendulum-v1', 25);
    const endless = ['--max-episode-steps', '0', '--video-limit', '1000'];
    const args = ['--json', 'eval', 'run', '--episodes', '1', '--video', 'film.gif', ...endless];
    const filming = startCli(args, folder);
    await filming.printed(/"type":"filming"/);
    expect((await filming.kill('SIGINT')).code).toBe(130);
    expect(readdirSync(folder)).toEqual(['blind.onnx', 'run']);
  });
});

describe('eval --video of an .mp4', () => {
  const film = ['--json', 'eval', 'run', '--episodes', '1', '--video', 'film.mp4'];

  /** A stand-in on the PATH: says what the real one says, and keeps what it was given. */
  function fakeFfmpeg(body: string): void {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'ffmpeg'), `#!${process.execPath}\n${body}`, { mode: 0o755 });
    vi.stubEnv('PATH', folder);
    onTestFinished(() => void vi.unstubAllEnvs());
  }

  const listsEncoders = (name: string) =>
    `if (process.argv.includes('-encoders')) { console.log(' V....D ${name}   some words'); process.exit(0); }\n`;

  it.each([
    [
      'there is no ffmpeg',
      '',
      /needs ffmpeg on the PATH, and it cannot be started: install it, or name .* \.gif/,
    ],
    ['ffmpeg writes no H.264', listsEncoders('vp9'), /needs an ffmpeg that writes H\.264 \(libx264, /],
  ])('is refused before anything is filmed where %s', async (_, body, message) => {
    const folder = temporaryFolder();
    if (body === '') vi.stubEnv('PATH', folder);
    else fakeFfmpeg(body);
    onTestFinished(() => void vi.unstubAllEnvs());
    // Not even the policy is looked at.
    const { code, stdout } = await runCli(film, folder);
    expect([code, jsonLines(stdout)]).toEqual([
      2,
      [{ type: 'error', code: 'USAGE', message: expect.stringMatching(message) as string }],
    ]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.runIf(process.platform !== 'win32')('gives ffmpeg every picture, and holds the last one', async () => {
    const folder = temporaryFolder();
    await train(folder, 'Pendulum-v1', 40);
    fakeFfmpeg(
      `${listsEncoders('libx264')}
      const fs = require('node:fs');
      const out = process.argv.at(-1).replace('file:', '');
      let size = 0;
      process.stdin.on('data', (data) => { size += data.length; });
      process.stdin.on('end', () => fs.writeFileSync(out, JSON.stringify({ size, args: process.argv.slice(2) })));`,
    );
    const { code, stdout } = await runCli(film, folder);
    expect(code).toBe(0);
    const video = jsonLines(stdout).find(({ type }) => type === 'video');
    expect(video).toMatchObject({ frames: 41, framesPerSecond: 30, width: 200, height: 200, isWhole: true });
    const written = readFileSync(join(folder, 'film.mp4'), 'utf8');
    expect(video?.bytes).toBe(written.length);
    const { size, args } = JSON.parse(written) as { size: number; args: string[] };
    // Thirty a second, and the end stays for a second.
    expect(size).toBe((41 + 30) * 200 * 200 * 3);
    expect(args.join(' ')).toMatch(
      /-video_size 200x200 -framerate 30 -i pipe:0 .* libx264 .*-f mp4 file:film\.mp4\.partial$/,
    );
    expect(readdirSync(folder)).toEqual(['blind.onnx', 'film.mp4', 'run']);
  });

  it.runIf(process.platform !== 'win32')(
    'tells in ffmpeg’s own words why it failed, and leaves nothing behind',
    async () => {
      const folder = temporaryFolder();
      await train(folder, 'Pendulum-v1', 40);
      fakeFfmpeg(
        `${listsEncoders('libx264')} console.error('av_interleaved_write_frame(): No space left on device'); process.exit(1);`,
      );
      const { code, stdout } = await runCli(film, folder);
      expect(code).toBe(4);
      expect(jsonLines(stdout).at(-1)).toMatchObject({
        code: 'DISK_FULL',
        message: 'cannot write film.mp4: ffmpeg: av_interleaved_write_frame(): No space left on device',
      });
      expect(readdirSync(folder)).toEqual(['blind.onnx', 'run']);
    },
  );

  it('is a file that players know, where ffmpeg is installed', async ({ skip }) => {
    const program = 'ffmpeg';
    const found = spawnSync(program, ['-version'], { encoding: 'utf8' });
    if (found.error !== undefined) return skip('no ffmpeg on this machine');
    const folder = temporaryFolder();
    await train(folder, 'Pendulum-v1', 40);
    const { code, stdout } = await runCli(film, folder);
    expect(code).toBe(0);
    const mp4 = readFileSync(join(folder, 'film.mp4'));
    expect(mp4.toString('latin1', 4, 8)).toBe('ftyp');
    expect(jsonLines(stdout).find(({ type }) => type === 'video')).toMatchObject({
      bytes: mp4.length,
      frames: 41,
    });
    return undefined;
  });
});
