import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgentError } from '../errors.ts';
import { TestRun } from '../testing/run-helpers.ts';
import type { OnProgress } from '../train/report/progress.ts';
import { train } from '../train/train.ts';
import type { MakeEnv } from '../train/train-request.ts';
import { runFileNames } from './run-file-names.ts';
import { type LockClock, lockRunFolder, runLockName } from './run-lock.ts';

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
    const lock = await lockRunFolder(folder);
    await expect(lockRunFolder(folder)).rejects.toThrow(busy);
    await lock.check();
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
    await (await lockRunFolder(folder)).release();
  });

  it('is got by one of many who ask at once, also where a dead process left one', async () => {
    for (const leftover of [undefined, { pid: await deadPid(), hostname: hostname(), startTime: null }]) {
      if (leftover !== undefined) await leaveLock(leftover);
      const asked = await Promise.allSettled(Array.from({ length: 8 }, () => lockRunFolder(folder)));
      const got = asked.filter((answer) => answer.status === 'fulfilled');
      expect(got).toHaveLength(1);
      await got[0]?.value.release();
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
    await (await lockRunFolder(folder)).release();
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([undefined, true])(
    'is not taken over from a process that lives here, takeOver: %s',
    async (takeOver) => {
      const holder = { pid: process.pid, hostname: hostname(), startTime: null };
      await leaveLock(holder);
      await expect(lockRunFolder(folder, { takeOver })).rejects.toThrow(
        expect.objectContaining({ code: 'RUN_BUSY', message: expect.stringContaining(`delete ${folder}`) }),
      );
      expect(JSON.parse(await readFile(join(folder, runLockName), 'utf8'))).toEqual(holder);
    },
  );
});

/** No second passes; whoever waits is told of first. */
class TestClock implements LockClock {
  waitedMs = 0;
  readonly beats: (() => void)[] = [];
  readonly #onWait: () => void | Promise<void>;

  constructor(onWait: () => void | Promise<void> = () => undefined) {
    this.#onWait = onWait;
  }

  readonly wait = async (ms: number) => {
    this.waitedMs += ms;
    await this.#onWait();
  };

  readonly every = (_ms: number, run: () => void) => {
    this.beats.push(run);
    return () => void this.beats.splice(this.beats.indexOf(run), 1);
  };
}

describe('the lease of a process elsewhere', () => {
  const elsewhere = { pid: 1, hostname: `not-${hostname()}`, startTime: null, id: 'x', beat: '1' };
  const container = { ...elsewhere, hostname: hostname(), pidNamespace: 'pid:[1]' };
  const lockText = () => readFile(join(folder, runLockName), 'utf8');

  it.each([
    ['another machine', elsewhere],
    ['another machine, by an older version', { pid: 1, hostname: 'elsewhere', startTime: null }],
    ['another container of this host name', container],
  ])('runs out when it is not kept up: %s', async (_, holder) => {
    await leaveLock(holder);
    const clock = new TestClock();
    const told: string[] = [];
    const lock = await lockRunFolder(folder, { clock, onWait: (message) => void told.push(message) });
    expect(clock.waitedMs).toBe(30_000);
    expect(told).toEqual([expect.stringMatching(/process 1 on .* has or had it; watching for 30 s/)]);
    await lock.release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('is respected when it is kept up', async () => {
    await leaveLock(elsewhere);
    const clock = new TestClock(async () => {
      if (clock.waitedMs === 25_000) await leaveLock({ ...elsewhere, beat: '2' });
    });
    await expect(lockRunFolder(folder, { clock })).rejects.toThrow(
      expect.objectContaining({ code: 'RUN_BUSY', message: expect.stringContaining('--take-over') }),
    );
    expect(clock.waitedMs).toBe(25_000);
    expect(JSON.parse(await lockText())).toMatchObject({ beat: '2' });
  });

  it('is taken at once by who says so', async () => {
    await leaveLock(elsewhere);
    const clock = new TestClock();
    const lock = await lockRunFolder(folder, { clock, takeOver: true });
    expect(clock.waitedMs).toBe(0);
    await lock.check();
    await lock.release();
  });

  it('is kept up by its owner, whose lock is a lease everywhere', async () => {
    const clock = new TestClock();
    const lock = await lockRunFolder(folder, { clock });
    const before = await lockText();
    clock.beats[0]?.();
    await expect.poll(lockText).not.toBe(before);
    expect(await lockText()).toHaveLength(before.length);
    await lock.check();
    await lock.release();
    expect(clock.beats).toEqual([]);
  });

  it('is lost to whoever took it, and what is theirs stays', async () => {
    const clock = new TestClock();
    const lock = await lockRunFolder(folder, { clock });
    await rm(join(folder, runLockName));
    await expect(lock.check()).rejects.toMatchObject({ code: 'RUN_LOST' });
    await leaveLock(elsewhere);
    const theirs = await lockText();
    clock.beats[0]?.();
    await expect(lock.check()).rejects.toMatchObject({
      code: 'RUN_LOST',
      message: expect.stringContaining(`process 1 on not-${hostname()} has it now`) as string,
    });
    await lock.release();
    expect(await lockText()).toBe(theirs);
  });
});

describe('a training whose folder was taken over', () => {
  it('stops with a code, writes nothing any more, and leaves the other alone', async () => {
    const run = new TestRun({}, { runFolder: folder });
    const theirs = JSON.stringify({ pid: 1, hostname: 'elsewhere', startTime: null, id: 'theirs' });
    const contents = () =>
      readdirSync(folder)
        .sort()
        .map((name) => [name, readFileSync(join(folder, name), 'base64')]);
    let left: string[][] = [];
    const onProgress: OnProgress = (event) => {
      if (event.type !== 'step' || event.envSteps !== 33) return;
      writeFileSync(join(folder, runLockName), theirs);
      // Half of what the other is about to save.
      writeFileSync(join(folder, `${runFileNames.checkpoint}.partial`), 'theirs');
      left = contents();
    };
    await expect(train({ ...run.request, onProgress })).rejects.toMatchObject({
      code: 'RUN_LOST',
      message: expect.stringMatching(
        /taken the run over \(process 1 on elsewhere.* goes on from its last checkpoint/,
      ) as string,
    });
    expect(contents()).toEqual(left);
  });
});

describe('a run that was killed before its first checkpoint', () => {
  /** What such a process leaves. */
  const begin = async (options = {}) => {
    const whole = new TestRun(options, { runFolder: join(folder, 'whole') });
    await train(whole.request);
    await mkdir(join(folder, 'run'));
    for (const file of ['config', 'timing'] as const) {
      const text = await readFile(join(folder, 'whole', runFileNames[file]), 'utf8');
      await writeFile(join(folder, 'run', runFileNames[file]), file === 'timing' ? '{"type":"sta' : text);
    }
    await writeFile(join(folder, 'run', runFileNames.metrics), '');
  };

  it('starts afresh when it is resumed, with its own options and to the same bytes', async () => {
    await begin({ seed: 5 });
    const request = { runFolder: join(folder, 'run') };
    await expect(train(new TestRun({}, request).request)).rejects.toMatchObject({ code: 'RUN_EXISTS' });
    await expect(train(new TestRun({ seed: 6 }, { ...request, resume: true }).request)).rejects.toMatchObject(
      { code: 'CONFIG_MISMATCH' },
    );
    const resumed = new TestRun({ seed: 5 }, { ...request, resume: true });
    expect(await train(resumed.request)).toMatchObject({ status: 'completed', envSteps: 60 });
    expect(resumed.eventsOf('warning').map(({ message }) => message)).toEqual([
      'timing.jsonl: its last line had no end and was removed',
      'the run was ended before its first checkpoint: it starts afresh, with the options it was given',
    ]);
    for (const file of ['metrics', 'checkpoint', 'bestPolicy', 'lastPolicy', 'config'] as const) {
      const [whole, run] = await Promise.all(
        ['whole', 'run'].map((name) => readFile(join(folder, name, runFileNames[file]))),
      );
      expect([file, run?.equals(whole as Buffer)]).toEqual([file, true]);
    }
  });

  it.each([
    ['metrics', 'a line'],
    ['lastPolicy', 'a policy'],
  ] as const)('is not what a run is whose checkpoint was lost: %s', async (file, content) => {
    await begin();
    await writeFile(join(folder, 'run', runFileNames[file]), content);
    const resumed = new TestRun({}, { runFolder: join(folder, 'run'), resume: true });
    await expect(train(resumed.request)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
    expect(await readFile(join(folder, 'run', runFileNames[file]), 'utf8')).toBe(content);
  });

  it('is refused with a way out when its options are damaged as well', async () => {
    await begin();
    await writeFile(join(folder, 'run', runFileNames.config), '{"options"');
    const resumed = new TestRun({}, { runFolder: join(folder, 'run'), resume: true });
    await expect(train(resumed.request)).rejects.toMatchObject({
      code: 'FILE_CORRUPT',
      message: expect.stringContaining('start the run again') as string,
    });
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
    const meet = async (request: TestRun['request']): Promise<unknown> => {
      const makeEnv: MakeEnv = async (envRequest) => {
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
