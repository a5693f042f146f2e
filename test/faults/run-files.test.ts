/** Faults of the disk under a run: full, not writable, or giving back other bytes than it was given. */
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type AgentErrorCode } from '@gymwire/agent-sdk';
import { runFilePath } from '@gymwire/agent-sdk/parts';
import { exportPolicy, writePolicyFile } from '@gymwire/exporter';
import { describe, expect, it } from 'vitest';
import { localEnvs } from '../support/local-env.ts';
import { fileHashes, readLines } from '../support/run-files.ts';
import { fillDisk, mountSmallDisk } from '../support/small-disk.ts';
import { type SmallTraining, smallRun, trainSmall } from '../support/small-training.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const makeEnv = localEnvs('same-step');

const fault = (code: AgentErrorCode, message: RegExp) =>
  expect.objectContaining({ name: 'AgentError', code, message: expect.stringMatching(message) });

/** A run of 200 of its 400 steps, with checkpoint, both policies and an evaluation. */
async function stoppedRun(folder: string): Promise<void> {
  const controller = new AbortController();
  const { status } = await trainSmall(
    makeEnv,
    {},
    {
      runFolder: folder,
      signal: controller.signal,
      onProgress: (event) => {
        if (event.type === 'step' && event.envSteps === 200) controller.abort();
      },
    },
  );
  expect(status).toBe('interrupted');
}

function resume(folder: string, more: SmallTraining = {}) {
  return trainSmall(
    makeEnv,
    {},
    { options: { envId: smallRun.envId }, runFolder: folder, resume: true, ...more },
  );
}

describe('a disk that is full', () => {
  it('ends the run, keeps its last checkpoint, and lets it go on when there is space', async ({ skip }) => {
    const disk = mountSmallDisk(256);
    if ('refusal' in disk) return skip(disk.refusal);
    const folder = join(disk.folder, 'run');
    let filler = '';
    const failing = trainSmall(
      makeEnv,
      {},
      {
        runFolder: folder,
        onProgress: (event) => {
          if (event.type === 'step' && event.envSteps === 210) filler = fillDisk(disk.folder);
        },
      },
    );
    await expect(failing).rejects.toThrow(
      fault(
        'DISK_FULL',
        /ENOSPC.* — saving failed too; to go on from its last checkpoint, resume the run in/,
      ),
    );
    expect(readdirSync(folder).filter((name) => name.endsWith('.partial'))).toEqual([]);
    rmSync(filler);
    const resumed = await resume(folder);
    expect(resumed).toMatchObject({ status: 'completed', envSteps: 400, gradientSteps: 250 });
    expect(readLines(folder, 'events').find((line) => line.type === 'resume')?.envSteps).toBe(150);
    return undefined;
  });

  it('leaves the policy that was exported before', async ({ skip }) => {
    const disk = mountSmallDisk(64);
    if ('refusal' in disk) return skip(disk.refusal);
    const path = join(disk.folder, 'policy.onnx');
    const { policy } = await trainSmall(makeEnv);
    const { bytes } = await exportPolicy(policy);
    await writePolicyFile(path, bytes);
    fillDisk(disk.folder);
    await expect(writePolicyFile(path, new Uint8Array(50_000))).rejects.toMatchObject({
      name: 'ExporterError',
      code: 'DISK_FULL',
      message: expect.stringMatching(/policy\.onnx: ENOSPC/) as string,
    });
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(readdirSync(disk.folder).sort()).toEqual(['filler', 'policy.onnx']);
    return undefined;
  });

  // /dev/full takes every open and refuses every write: no rights needed.
  it.runIf(existsSync('/dev/full'))('is named before a step is taken', async () => {
    const folder = join(temporaryFolder(), 'run');
    await stoppedRun(folder);
    const checkpoint = readFileSync(runFilePath(folder, 'checkpoint'));
    rmSync(runFilePath(folder, 'timing'));
    symlinkSync('/dev/full', runFilePath(folder, 'timing'));
    await expect(resume(folder)).rejects.toThrow(fault('DISK_FULL', /timing\.jsonl: ENOSPC/));
    expect(readFileSync(runFilePath(folder, 'checkpoint')).equals(checkpoint)).toBe(true);
    rmSync(runFilePath(folder, 'timing'));
    await expect(resume(folder)).resolves.toMatchObject({ status: 'completed' });
  });
});

describe('a place that cannot be written', () => {
  const places: [string, string][] = [
    ['below a file', join(import.meta.filename, 'run')],
    ['far below a file', join(import.meta.filename, 'a', 'b', 'run')],
  ];
  // Root may write everywhere but in what the kernel makes up.
  if (process.platform === 'linux')
    places.push(['in /proc', '/proc/gymwire/run'], ['in /dev/null', '/dev/null/run']);
  it.each(places)('%s is refused before anything is made', async (_, place) => {
    let made = 0;
    const counted: typeof makeEnv = (request) => {
      made += 1;
      return makeEnv(request);
    };
    await expect(trainSmall(counted, {}, { runFolder: place })).rejects.toThrow(
      fault(
        'NOT_WRITABLE',
        /^(cannot write .*run: E[A-Z]+|.* is a file, expected a folder: name another one$)/,
      ),
    );
    expect(made).toBe(0);
  });

  it('is a folder without that right', async ({ skip }) => {
    if (process.platform === 'win32') return skip('Windows: folders have other rights');
    if (process.getuid?.() === 0) return skip('root may write everywhere');
    const folder = temporaryFolder();
    chmodSync(folder, 0o500);
    await expect(trainSmall(makeEnv, {}, { runFolder: join(folder, 'run') })).rejects.toThrow(
      fault('NOT_WRITABLE', /EACCES/),
    );
    return undefined;
  });
});

describe('a checkpoint that was damaged', () => {
  const anyFileFault = expect.stringMatching(/^FILE_(CORRUPT|FOREIGN|VERSION)$/) as string;

  it('is refused wherever a bit has flipped, and the run is not touched', async () => {
    const folder = join(temporaryFolder(), 'run');
    await stoppedRun(folder);
    const path = runFilePath(folder, 'checkpoint');
    const bytes = readFileSync(path);
    const places = Array.from({ length: 60 }, (_, i) => Math.floor((i * (bytes.length - 1)) / 59));
    for (const place of places) {
      const damaged = Buffer.from(bytes);
      damaged[place] ^= 1 << (place % 8);
      writeFileSync(path, damaged);
      const before = fileHashes(folder);
      await expect(resume(folder), `byte ${place} of ${bytes.length}`).rejects.toMatchObject({
        name: 'AgentError',
        code: anyFileFault,
        message: expect.stringContaining(path) as string,
      });
      expect(fileHashes(folder)).toEqual(before);
    }
    writeFileSync(path, bytes);
    await expect(resume(folder)).resolves.toMatchObject({ status: 'completed', envSteps: 400 });
  });

  it.each<[string, (bytes: Buffer) => Uint8Array, AgentErrorCode, RegExp]>([
    ['cut off', (bytes) => bytes.subarray(0, bytes.length / 2), 'FILE_CORRUPT', /checkpoint\.bin is damaged/],
    ['empty', () => new Uint8Array(0), 'FILE_CORRUPT', /ends after 0 bytes/],
    ['a longer file', (bytes) => Buffer.concat([bytes, bytes]), 'FILE_CORRUPT', /expected \d+ bytes, it has/],
    ['foreign', () => Buffer.from('{"weights": []}'), 'FILE_FOREIGN', /not a file that gymwire saved/],
  ])('is refused when it is %s', async (_, damage, code, message) => {
    const folder = join(temporaryFolder(), 'run');
    await stoppedRun(folder);
    const path = runFilePath(folder, 'checkpoint');
    writeFileSync(path, damage(readFileSync(path)));
    const before = fileHashes(folder);
    await expect(resume(folder)).rejects.toThrow(fault(code, message));
    expect(fileHashes(folder)).toEqual(before);
  });

  it('is told from another kind of file, and from metrics that have lost lines', async () => {
    const folder = join(temporaryFolder(), 'run');
    await stoppedRun(folder);
    const path = runFilePath(folder, 'checkpoint');
    const [checkpoint, metrics] = [readFileSync(path), readFileSync(runFilePath(folder, 'metrics'))];
    writeFileSync(path, readFileSync(runFilePath(folder, 'bestPolicy')));
    await expect(resume(folder)).rejects.toThrow(fault('FILE_FOREIGN', /expected a checkpoint, .* a policy/));
    writeFileSync(path, checkpoint);
    writeFileSync(runFilePath(folder, 'metrics'), metrics.subarray(0, metrics.length / 2));
    await expect(resume(folder)).rejects.toThrow(
      fault('FILE_CORRUPT', /metrics\.jsonl is damaged: expected/),
    );
    expect(readFileSync(path).equals(checkpoint)).toBe(true);
  });
});
