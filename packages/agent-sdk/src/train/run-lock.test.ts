import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgentError } from '../errors.ts';
import { TestRun } from '../testing/run-helpers.ts';
import { runFileNames } from './run-folder.ts';
import { lockRunFolder, runLockName } from './run-lock.ts';
import type { TrainRequest } from './train-request.ts';
import { train } from './trainer.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gymwire-'));
});
afterEach(() => rm(folder, { recursive: true }));

const busy = expect.objectContaining({ name: 'AgentError', code: 'RUN_BUSY' });

/** Leaves a lock behind as a process with these properties would. */
async function leaveLock(holder: unknown): Promise<void> {
  await writeFile(join(folder, runLockName), typeof holder === 'string' ? holder : JSON.stringify(holder));
}

/** The pid of a process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  const { pid = 0 } = child;
  await once(child, 'exit');
  return pid;
}

describe('the lock of a run folder', () => {
  it('is held by one at a time, and leaves nothing behind', async () => {
    const release = await lockRunFolder(folder);
    await expect(lockRunFolder(folder)).rejects.toThrow(busy);
    await release();
    expect(await readdir(folder)).toEqual([]);
    await (await lockRunFolder(folder))();
  });

  it('is got by one of many who ask at once, also where a dead process left one', async () => {
    for (const leftover of [undefined, { pid: await deadPid(), hostname: hostname(), startTime: null }]) {
      if (leftover !== undefined) await leaveLock(leftover);
      const asked = await Promise.allSettled(Array.from({ length: 8 }, () => lockRunFolder(folder)));
      const got = asked.filter((answer) => answer.status === 'fulfilled');
      expect(got).toHaveLength(1);
      await got[0]?.value();
    }
  });

  it.each([
    ['half a lock', async () => '{"pid":'],
    ['nothing', async () => ''],
    [
      'a process that is no more',
      async () => ({ pid: await deadPid(), hostname: hostname(), startTime: null }),
    ],
    [
      'a process whose pid another has now',
      async () => ({ pid: process.pid, hostname: hostname(), startTime: 'x' }),
    ],
  ])('is taken over from %s', async (_what, holder) => {
    await leaveLock(await holder());
    await (await lockRunFolder(folder))();
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ['a process that lives', { pid: process.pid, hostname: hostname(), startTime: null }],
    ['another machine', { pid: 1, hostname: `not-${hostname()}`, startTime: null }],
  ])('is not taken over from %s', async (_what, holder) => {
    await leaveLock(holder);
    await expect(lockRunFolder(folder)).rejects.toThrow(
      expect.objectContaining({ code: 'RUN_BUSY', message: expect.stringContaining(`delete ${folder}`) }),
    );
    expect(JSON.parse(await readFile(join(folder, runLockName), 'utf8'))).toEqual(holder);
  });
});

describe('two trainings on one folder', () => {
  it('are refused while the first runs; afterwards it can be resumed', async () => {
    const refused: unknown[] = [];
    const first = new TestRun({}, { runFolder: folder });
    const { makeEnv } = first.request;
    await train({
      ...first.request,
      makeEnv: async (request) => {
        for (const resume of [false, true]) {
          const second = new TestRun({}, { runFolder: folder, resume });
          refused.push(await train(second.request).catch((error: unknown) => error));
        }
        return makeEnv(request);
      },
    });
    const codes = refused.map((error) => (error instanceof AgentError ? error.code : error));
    expect(codes).toEqual(['RUN_BUSY', 'RUN_NOT_FOUND', 'RUN_BUSY', 'RUN_NOT_FOUND']);
    expect((await readdir(folder)).sort()).toEqual(Object.values(runFileNames).sort());
    const resumed = new TestRun({ totalEnvSteps: 70 }, { runFolder: folder, resume: true });
    expect(await train(resumed.request)).toMatchObject({ status: 'completed', envSteps: 70 });
  });

  it('may both resume, one after the other but not at once', async () => {
    await train(new TestRun({}, { runFolder: folder }).request);
    const more = () => new TestRun({ totalEnvSteps: 80 }, { runFolder: folder, resume: true }).request;
    // Whichever comes first stays inside until the other has been refused, or has come in as well.
    let inside = 0;
    let release: () => void = () => undefined;
    const met = new Promise<void>((resolve) => {
      release = resolve;
    });
    const meet = async (request: TrainRequest): Promise<unknown> => {
      const makeEnv: TrainRequest['makeEnv'] = async (envRequest) => {
        inside++;
        if (inside > 1) release();
        await met;
        return request.makeEnv(envRequest);
      };
      return train({ ...request, makeEnv }).catch((error: unknown) => {
        release();
        throw error;
      });
    };
    const both = await Promise.allSettled([meet(more()), meet(more())]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'RUN_BUSY' } });
    expect(await train(more())).toMatchObject({ envSteps: 80 });
  });
});

describe('folders of a run that never began', () => {
  const failing = (runFolder: string) => {
    const makeEnv = () => Promise.reject(new Error('no such environment'));
    return train(new TestRun({}, { runFolder, makeEnv }).request);
  };

  it('are removed if the run made them', async () => {
    await expect(failing(join(folder, 'a', 'b'))).rejects.toThrow('no such environment');
    expect(await readdir(folder)).toEqual([]);
  });

  it('stay if they were there before, or hold something', async () => {
    await mkdir(join(folder, 'a', 'b'), { recursive: true });
    await expect(failing(join(folder, 'a', 'b', 'c'))).rejects.toThrow('no such environment');
    await expect(failing(join(folder, 'a', 'b'))).rejects.toThrow('no such environment');
    expect(await readdir(join(folder, 'a'))).toEqual(['b']);
    expect(await readdir(join(folder, 'a', 'b'))).toEqual([]);
  });
});
