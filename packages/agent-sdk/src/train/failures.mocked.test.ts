import { mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readCheckpoint } from '../checkpoint/checkpoint.ts';
import { runFileNames, runFilePath } from '../run-folder/run-file-names.ts';
import { type TestRequest, TestRun } from '../testing/run-helpers.ts';
import { train } from './train.ts';
import type { MakeEnv, TrainRequest } from './train-request.ts';

// Real learners and files, perhaps on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

vi.mock('node:fs/promises', { spy: true });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gymwire-'));
});
afterEach(async () => {
  vi.mocked(open).mockReset();
  await rm(folder, { recursive: true });
});

/** A run whose training environment does something else from one step on. */
function brokenRun(atStep: number, instead: () => Promise<never>, more: Partial<TestRequest> = {}): TestRun {
  const run = new TestRun({}, { runFolder: folder, ...more });
  const { makeEnv } = run.request;
  const request: TrainRequest = {
    ...run.request,
    makeEnv: async (wanted) => {
      const env = await makeEnv(wanted);
      const step = env.step.bind(env);
      let steps = 0;
      if (wanted.purpose === 'training')
        env.step = (actions) => (++steps === atStep ? instead() : step(actions));
      return env;
    },
  };
  return Object.assign(run, { request });
}

const checkpointSteps = async () =>
  (await readCheckpoint(runFilePath(folder, 'checkpoint'))).counters.envSteps;

describe('a run that fails', () => {
  it('at its first step says so, and not that something was saved', async () => {
    const run = brokenRun(1, () => Promise.reject(new Error('no such joint')));
    await expect(train(run.request)).rejects.toMatchObject({
      message: `no such joint — no step was taken; once that is mended, resume the run in ${folder}, or begin anew in another folder`,
    });
    expect(await checkpointSteps()).toBe(0);
  });

  it('saves what was learnt when the server goes away, and says how to go on', async () => {
    const gone = new Error('connection lost');
    const run = brokenRun(34, () => Promise.reject(gone));
    const failing = train(run.request);
    await expect(failing).rejects.toMatchObject({
      name: 'AgentError',
      code: 'TRAINING_FAILED',
      message: `connection lost — saved after 33 environment steps; to go on, resume the run in ${folder}`,
      cause: gone,
    });
    expect(await checkpointSteps()).toBe(33);
    expect(run.envs.every(({ env }) => env.isClosed)).toBe(true);
    const resumed = await train(new TestRun({}, { runFolder: folder, resume: true }).request);
    expect(resumed).toMatchObject({ status: 'completed', envSteps: 60, gradientSteps: 50 });
  });

  it('says so when nothing is saved', async () => {
    const run = brokenRun(34, () => Promise.reject(new Error('connection lost')), { runFolder: undefined });
    await expect(train(run.request)).rejects.toThrow(
      'connection lost — nothing was saved: the run has no folder',
    );
  });

  it('does not store a reward that is not a number', async () => {
    const run = new TestRun({}, { runFolder: folder });
    const { makeEnv } = run.request;
    const request: TrainRequest = {
      ...run.request,
      makeEnv: async (wanted) => {
        const env = await makeEnv(wanted);
        const step = env.step.bind(env);
        let steps = 0;
        env.step = async (actions) => {
          const result = await step(actions);
          return ++steps === 24 ? { ...result, rewards: Float64Array.of(Number.NaN) } : result;
        };
        return env;
      },
    };
    await expect(train(request)).rejects.toMatchObject({
      code: 'NON_FINITE_VALUE',
      message: expect.stringMatching(
        /^reward is NaN in environment 0 at episode step 3; .* saved after 23 env/,
      ),
    });
    const { replay } = await readCheckpoint(runFilePath(folder, 'checkpoint'));
    expect(replay.size).toBe(23);
  });

  it('keeps the last sound checkpoint when an update fails half-way', async () => {
    const run = new TestRun({}, { runFolder: folder });
    const { createLearner } = run.request;
    const request: TrainRequest = {
      ...run.request,
      createLearner: async (...args) => {
        const learner = await createLearner(...args);
        for (const made of run.learners) {
          made.beforeUpdate = (gradientSteps) => {
            if (gradientSteps === 30) throw new Error('out of memory');
          };
        }
        return learner;
      },
    };
    await expect(train(request)).rejects.toThrow('out of memory — to go on from its last checkpoint, resume');
    expect(await checkpointSteps()).toBe(25);
  });

  it('never saves weights that have diverged', async () => {
    const run = new TestRun({}, { runFolder: folder });
    const { createLearner } = run.request;
    const request: TrainRequest = {
      ...run.request,
      createLearner: async (options, state) => {
        const learner = await createLearner(options, state);
        const { actorWeights, exportState } = learner;
        const poison = (array: Float32Array | undefined) => void array?.fill(Number.NaN);
        learner.exportState = async () => {
          const exported = await exportState.call(learner);
          if (run.eventsOf('step').at(-1)?.envSteps === 50) poison(exported.critics[1][0]?.weight);
          return exported;
        };
        learner.actorWeights = () => actorWeights.call(learner);
        return learner;
      },
    };
    await expect(train(request)).rejects.toMatchObject({ code: 'TRAINING_DIVERGED' });
    expect(await checkpointSteps()).toBe(25);
  });
});

describe('the run folder', () => {
  it('refuses a folder that cannot be, before anything is made', async () => {
    await writeFile(join(folder, 'file'), '');
    const run = new TestRun({}, { runFolder: join(folder, 'file', 'run') });
    await expect(train(run.request)).rejects.toMatchObject({ code: 'NOT_WRITABLE' });
    expect(run.envs).toHaveLength(0);
  });

  it.each(Object.values(runFileNames))(
    'refuses a folder that holds %s, and leaves it alone',
    async (name) => {
      await writeFile(join(folder, name), 'precious');
      const run = new TestRun({}, { runFolder: folder });
      await expect(train(run.request)).rejects.toMatchObject({ code: 'RUN_EXISTS' });
      expect(await readFile(join(folder, name), 'utf8')).toBe('precious');
      expect(await readdir(folder)).toEqual([name]);
      expect(run.envs).toHaveLength(0);
    },
  );

  it('leaves no run behind when the environment cannot be made', async () => {
    const run = new TestRun({}, { runFolder: folder, makeEnv: () => Promise.reject(new Error('no server')) });
    await expect(train(run.request)).rejects.toThrow('no server');
    expect(await readdir(folder)).toEqual([]);
  });

  it('is stopped while its own makeEnv hangs; what that makes too late is closed', async () => {
    const run = new TestRun({}, { runFolder: folder });
    const { makeEnv } = run.request;
    const controller = new AbortController();
    let give: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      const hanging: MakeEnv = async (wanted) => {
        resolve();
        await new Promise<void>((later) => (give = later));
        return makeEnv(wanted);
      };
      Object.assign(run.request, { makeEnv: hanging });
    });
    const reason = new Error('Ctrl-C');
    const running = train({ ...run.request, signal: controller.signal });
    await asked;
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
    give();
    await vi.waitFor(() => expect(run.envs.map(({ env }) => env.isClosed)).toEqual([true]));
  });

  it('makes folders on the way, and takes one that holds other things', async () => {
    await mkdir(join(folder, 'deep'));
    await writeFile(join(folder, 'deep', 'notes.txt'), 'mine');
    await train(new TestRun({}, { runFolder: join(folder, 'deep') }).request);
    expect((await readdir(join(folder, 'deep'))).sort()).toEqual(
      [...Object.values(runFileNames), 'notes.txt'].sort(),
    );
    await train(new TestRun({}, { runFolder: join(folder, 'a', 'b') }).request);
  });

  it('keeps the last checkpoint when the disk fills up', async () => {
    const { open: realOpen } = await vi.importActual<{ open: typeof open }>('node:fs/promises');
    let checkpoints = 0;
    vi.mocked(open).mockImplementation(async (path, ...rest) => {
      const file = await realOpen(path, ...rest);
      if (!String(path).includes(runFileNames.checkpoint) || rest[0] !== 'w' || ++checkpoints < 3)
        return file;
      const write = async () => {
        throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      };
      return Object.assign(file, { write });
    });
    const run = new TestRun({}, { runFolder: folder });
    await expect(train(run.request)).rejects.toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringContaining('saving failed too; to go on from its last checkpoint'),
    });
    vi.mocked(open).mockReset();
    expect(await checkpointSteps()).toBe(25);
    const resumed = await train(new TestRun({}, { runFolder: folder, resume: true }).request);
    expect(resumed).toMatchObject({ status: 'completed', envSteps: 60 });
  });
});
