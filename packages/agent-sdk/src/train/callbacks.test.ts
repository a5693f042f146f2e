import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallbackContext, CallbackState, TrainCallback } from '../callbacks/callback.ts';
import { checkpoint, evaluation, everySteps } from '../callbacks/every-steps.ts';
import { stopOnNoImprovement, stopOnReward } from '../callbacks/stop-callbacks.ts';
import { readCheckpoint } from '../checkpoint/checkpoint.ts';
import type { TrainOptions } from '../generated/train-options.ts';
import { runFilePath } from '../run-folder/run-file-names.ts';
import { readRunSummary } from '../run-folder/run-files.ts';
import { type TestRequest, TestRun } from '../testing/run-helpers.ts';
import { train } from './train.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gymwire-'));
});
afterEach(() => rm(folder, { recursive: true }));

const linesOf = async (file: 'metrics' | 'events', of = folder) =>
  (await readFile(runFilePath(of, file), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>> & { readonly type: string });

function runWith(
  callbacks: readonly TrainCallback[],
  options: Partial<TrainOptions> = {},
  more: Partial<TestRequest> = {},
) {
  return new TestRun(options, { runFolder: folder, callbacks, ...more });
}

/** Stops from outside after so many steps. */
function interrupting(steps: number): Partial<TestRequest> {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    onProgress: (event) => {
      if (event.type === 'step' && event.envSteps >= steps) controller.abort();
    },
  };
}

/** Keeps what it is told in a list, which is its state. */
function recording(name = 'recording'): TrainCallback & { readonly told: string[] } {
  const told: string[] = [];
  return {
    name,
    told,
    interval: 10,
    onStart: ({ envSteps }) => void told.push(`start ${envSteps}`),
    onStep: ({ envSteps }) => void told.push(`step ${envSteps}`),
    onInterval: ({ envSteps }) => void told.push(`interval ${envSteps}`),
    onEpisode: ({ envSteps }, { length }) => void told.push(`episode ${envSteps} ${length}`),
    onTraining: (_, { envSteps }) => void told.push(`training ${envSteps}`),
    onEvaluation: (_, { envSteps }) => void told.push(`evaluation ${envSteps}`),
    onCheckpoint: ({ envSteps }) => void told.push(`checkpoint ${envSteps}`),
    onEnd: ({ envSteps }, { status }) => void told.push(`end ${envSteps} ${status}`),
    state: () => [...told],
    restore: (state) => void told.splice(0, Infinity, ...(state as string[])),
  };
}

const only = (told: readonly string[], kind: string) => told.filter((line) => line.startsWith(`${kind} `));

describe('a callback', () => {
  it.each(['alternating', 'pipelined'] as const)('is told everything, in order: %s', async (mode) => {
    const callback = recording();
    await train(runWith([callback], { mode, totalEnvSteps: 30 }).request);
    const { told } = callback;
    expect(told.slice(0, 3)).toEqual(['start 0', 'checkpoint 0', 'step 1']);
    expect(only(told, 'step')).toEqual(Array.from({ length: 30 }, (_, i) => `step ${i + 1}`));
    expect(only(told, 'interval')).toEqual(['interval 10', 'interval 20', 'interval 30']);
    expect(only(told, 'training')).toEqual(['training 8', 'training 16', 'training 24']);
    expect(only(told, 'evaluation')).toEqual(['evaluation 20', 'evaluation 30']);
    expect(only(told, 'checkpoint')).toEqual(['checkpoint 0', 'checkpoint 25', 'checkpoint 30']);
    expect(told.slice(-4)).toEqual(['interval 30', 'evaluation 30', 'end 30 completed', 'checkpoint 30']);
  });

  it.each(['alternating', 'pipelined'] as const)(
    'of a run that is stopped and goes on has the same state, and is told nothing twice: %s',
    async (mode) => {
      const whole = recording();
      await train(runWith([whole], { mode }, { runFolder: join(folder, 'whole') }).request);
      const first = recording();
      await train(runWith([first], { mode }, interrupting(33)).request);
      const second = recording();
      await train(runWith([second], { mode }, { resume: true }).request);
      for (const kind of ['step', 'interval', 'training', 'evaluation']) {
        expect(only(second.told, kind)).toEqual(only(whole.told, kind));
      }
      const { callbacks } = await readCheckpoint(runFilePath(folder, 'checkpoint'));
      // What follows is told after all was saved.
      expect(callbacks?.['recording']?.state).toEqual(second.told.slice(0, -1));
    },
  );

  it('that takes its time is waited for, and one comes after the other', async () => {
    const order: string[] = [];
    const slow = (name: string): TrainCallback => ({
      name,
      async onInterval({ envSteps }) {
        order.push(`${name} ${envSteps}`);
        await sleep(1);
        order.push(`${name} done`);
      },
      interval: 20,
    });
    await train(runWith([slow('a'), slow('b')]).request);
    expect(order.slice(0, 4)).toEqual(['a 20', 'a done', 'b 20', 'b done']);
    expect(order).toHaveLength(12);
  });

  it('changes nothing of a run by being there: the same metrics and policies', async () => {
    const plain = join(folder, 'plain');
    const watched = join(folder, 'watched');
    const bare = await train(new TestRun({}, { runFolder: plain }).request);
    const result = await train(runWith([recording()], {}, { runFolder: watched }).request);
    expect(result).toEqual(bare);
    for (const file of ['metrics', 'bestPolicy', 'lastPolicy', 'config'] as const) {
      expect(await readFile(runFilePath(watched, file))).toEqual(await readFile(runFilePath(plain, file)));
    }
  });
});

describe('what a callback can ask for', () => {
  it('the end: with a reason, in the result and in events.jsonl; all is saved, and it can go on', async () => {
    const stopping = everySteps(17, (context) => context.stop('enough'));
    const result = await train(runWith([stopping]).request);
    const stoppedBy = { callback: 'every17Steps', reason: 'enough' };
    expect(result).toMatchObject({ status: 'stopped', stoppedBy, envSteps: 17 });
    expect((await linesOf('events')).filter(({ type }) => ['stopped', 'done'].includes(type))).toMatchObject([
      { ...stoppedBy, envSteps: 17 },
      { status: 'stopped' },
    ]);
    expect((await readRunSummary(folder)).envSteps).toBe(17);
    const resumed = await train(runWith([], {}, { resume: true }).request);
    expect(resumed).toMatchObject({ status: 'completed', stoppedBy: null, envSteps: 60 });
  });

  it('evaluations and checkpoints, beside those of the options', async () => {
    const callbacks = [evaluation({ everySteps: 15 }), checkpoint({ everySteps: 9 })];
    const run = runWith(callbacks);
    await train(run.request);
    const at = (type: 'evaluation' | 'checkpoint') => run.eventsOf(type).map(({ envSteps }) => envSteps);
    expect(at('evaluation')).toEqual([15, 20, 30, 40, 45, 60]);
    expect(at('checkpoint')).toEqual([0, 9, 18, 25, 27, 36, 45, 50, 54, 60]);
  });

  it('the end, also once a checkpoint was written: no step is taken after it', async () => {
    const afterFirst: TrainCallback = {
      name: 'afterFirst',
      onCheckpoint: (context) => void (context.envSteps > 0 && context.stop('it is saved')),
    };
    expect(await train(runWith([afterFirst]).request)).toMatchObject({
      status: 'stopped',
      envSteps: 25,
      stoppedBy: { callback: 'afterFirst', reason: 'it is saved' },
    });
  });

  it('an evaluation that was asked for and cut off is played when the run goes on', async () => {
    const controller = new AbortController();
    const run = runWith([evaluation({ everySteps: 15 })], {}, { signal: controller.signal });
    const { makeEnv } = run.request;
    const cut: typeof makeEnv = async (request) => {
      const env = await makeEnv(request);
      const step = env.step.bind(env);
      env.step = (actions) => {
        if (request.purpose === 'evaluation') controller.abort();
        return step(actions);
      };
      return env;
    };
    expect(await train({ ...run.request, makeEnv: cut })).toMatchObject({
      status: 'interrupted',
      envSteps: 15,
    });
    const resumed = runWith([evaluation({ everySteps: 15 })], {}, { resume: true });
    await train(resumed.request);
    expect(resumed.eventsOf('evaluation').map(({ envSteps }) => envSteps)).toEqual([15, 20, 30, 40, 45, 60]);
  });

  it('metrics, which reach metrics.jsonl in a kind of line of their own', async () => {
    const measuring = everySteps(20, (context) => {
      context.addMetrics({ success_rate: context.envSteps / 100, 'arm/effort': null });
    });
    const run = runWith([measuring], { mode: 'alternating' });
    await train(run.request);
    const lines = (await linesOf('metrics')).filter(({ type }) => type === 'custom');
    expect(lines).toEqual(
      [20, 40, 60].map((envSteps) => ({
        type: 'custom',
        envSteps,
        gradientSteps: envSteps - 10,
        callback: 'every20Steps',
        metrics: { success_rate: envSteps / 100, 'arm/effort': null },
      })),
    );
    expect(run.eventsOf('custom')).toEqual(lines);
  });

  it('equal seeds give equal metrics.jsonl, also where the run was stopped on the way', async () => {
    const measuring = () => {
      let episodes = 0;
      return {
        name: 'counting',
        interval: 12,
        onEpisode: () => void episodes++,
        onInterval: (context: CallbackContext) => context.addMetrics({ episodes }),
        state: () => episodes,
        restore: (state: CallbackState) => void (episodes = Number(state)),
      } satisfies TrainCallback;
    };
    const custom = async (of: string) =>
      (await linesOf('metrics', of)).filter(({ type }) => type === 'custom');
    for (const name of ['a', 'b']) {
      await train(runWith([measuring()], {}, { runFolder: join(folder, name) }).request);
    }
    expect(await readFile(runFilePath(join(folder, 'a'), 'metrics'))).toEqual(
      await readFile(runFilePath(join(folder, 'b'), 'metrics')),
    );
    // Where an episode had just ended: none is cut off by the stop.
    await train(runWith([measuring()], {}, interrupting(35)).request);
    await train(runWith([measuring()], {}, { resume: true }).request);
    expect(await custom(folder)).toEqual(await custom(join(folder, 'a')));
    const savedIn = async (of: string) => (await readCheckpoint(runFilePath(of, 'checkpoint'))).callbacks;
    expect(await savedIn(folder)).toEqual(await savedIn(join(folder, 'a')));
  });

  it('learning rates: from the next update on, an event, and kept by a checkpoint', async () => {
    const rates = { actor: 0.5, critic: 3e-4 };
    const slowing = everySteps(30, (context) => {
      if (context.envSteps === 30) context.setLearningRates({ actor: 0.5 });
      expect(context.learningRates).toEqual(rates);
    });
    const run = runWith([slowing], {}, interrupting(40));
    await train(run.request);
    expect(run.learners[0]?.learningRates).toEqual(rates);
    expect((await linesOf('events')).find(({ type }) => type === 'learningRates')).toMatchObject({
      envSteps: 30,
      callback: 'every30Steps',
      ...rates,
    });
    const resumed = runWith([slowing], {}, { resume: true });
    await train(resumed.request);
    expect(resumed.learners[0]?.options).toMatchObject({ actorLearningRate: 0.5, criticLearningRate: 3e-4 });
    expect(resumed.learners[0]?.learningRates).toBeUndefined();
  });

  it.each<[string, (context: CallbackContext) => void, string]>([
    ['a rate below zero', (context) => context.setLearningRates({ actor: -1 }), 'setLearningRates: actor: '],
    [
      'a metric that is no number',
      (context) => context.addMetrics({ loss: Number.NaN }),
      'addMetrics: loss: expected a finite number, or null for no value, got NaN',
    ],
    [
      'a metric with an odd name',
      (context) => context.addMetrics({ 'a b': 1 }),
      'addMetrics: expected a name of',
    ],
    ['no metric', (context) => context.addMetrics({}), 'addMetrics: expected 1 to 64 metrics, got 0'],
    ['no reason', (context) => context.stop(undefined as never), 'stop: expected a reason, got '],
  ])('is refused with what is wrong: %s', async (_, ask, message) => {
    const run = runWith([everySteps(20, ask, 'asking')]);
    await expect(train(run.request)).rejects.toMatchObject({
      code: 'CALLBACK_FAILED',
      message: expect.stringContaining(`callback "asking" failed in onInterval: ${message}`) as string,
    });
  });

  it('is refused after the call is over, and in onCheckpoint, where a resume would not know of it', async () => {
    let kept: CallbackContext | undefined;
    const late: TrainCallback = {
      name: 'late',
      onStart: (context) => void (kept = context),
      onTraining: () => kept?.evaluate(),
    };
    await expect(train(runWith([late]).request)).rejects.toThrow(/"late" asks after its call is over/);
    const saving: TrainCallback = { name: 'saving', onCheckpoint: (context) => context.addMetrics({ x: 1 }) };
    const other = runWith([saving], {}, { runFolder: join(folder, 'other') });
    await expect(train(other.request)).rejects.toThrow(/addMetrics: not in onCheckpoint/);
  });
});

describe('ready callbacks', () => {
  it('stopOnReward stops at the first evaluation that reaches it', async () => {
    const result = await train(runWith([stopOnReward(-1e9)]).request);
    expect(result).toMatchObject({
      status: 'stopped',
      envSteps: 20,
      stoppedBy: { callback: 'stopOnReward' },
    });
    expect(result.stoppedBy?.reason).toMatch(
      /^the evaluation at step 20 has a mean return of -\d.* which reaches -1/,
    );
  });

  it('the option stopAtReturn is made of the same, and its status is solved', async () => {
    const result = await train(runWith([], { stopAtReturn: -1e9 }).request);
    expect(result).toMatchObject({ status: 'solved', envSteps: 20, stoppedBy: { callback: 'stopAtReturn' } });
    const again = await train(runWith([], { stopAtReturn: -1e9 }, { resume: true }).request);
    expect(again).toMatchObject({ status: 'solved', envSteps: 20 });
  });

  it('stopOnNoImprovement counts on across a stop', async () => {
    const settings = { patience: 2, minImprovement: 1e6 };
    const options = { totalEnvSteps: 200 };
    const whole = await train(
      runWith([stopOnNoImprovement(settings)], options, { runFolder: join(folder, 'whole') }).request,
    );
    expect(whole).toMatchObject({ status: 'stopped', envSteps: 60 });
    await train(runWith([stopOnNoImprovement(settings)], options, interrupting(45)).request);
    const resumed = await train(runWith([stopOnNoImprovement(settings)], options, { resume: true }).request);
    expect(resumed).toMatchObject({ status: 'stopped', envSteps: 60, stoppedBy: whole.stoppedBy });
  });
});

describe('a callback that fails', () => {
  it.each([
    'onStart',
    'onStep',
    'onInterval',
    'onEpisode',
    'onTraining',
    'onEvaluation',
    'onCheckpoint',
    'onEnd',
    'state',
  ])(
    'in %s ends the training with its name, saved first, and the run can go on without it',
    async (method) => {
      const broken = new Error('the plotter is out of paper');
      const fail = () => Promise.reject(broken);
      const isDue = { ...(method === 'onInterval' && { interval: 30 }) };
      const callback = { name: 'plotting', ...isDue, [method]: fail } as TrainCallback;
      await expect(train(runWith([callback]).request)).rejects.toMatchObject({
        code: 'CALLBACK_FAILED',
        message: expect.stringMatching(
          new RegExp(
            `^callback "plotting" failed in ${method}: the plotter is out of paper — (saved after \\d+ environment steps; to go on|no step was taken; once that is mended)`,
          ),
        ) as string,
        cause: { cause: broken },
      });
      expect((await linesOf('events')).at(-1)).toMatchObject({ type: 'failure', code: 'CALLBACK_FAILED' });
      expect(await train(runWith([], {}, { resume: true }).request)).toMatchObject({ status: 'completed' });
    },
  );

  it('keeps what it said last, where it fails to say it again', async () => {
    let asked = 0;
    const state = () => {
      if (++asked > 2) throw new Error('forgotten');
      return asked;
    };
    const restored: CallbackState[] = [];
    const callback = { name: 'forgetful', state, restore: (said: CallbackState) => void restored.push(said) };
    await expect(train(runWith([callback]).request)).rejects.toThrow(
      /failed in state: forgotten — saved after/,
    );
    asked = -100;
    await train(runWith([callback], {}, { resume: true }).request);
    expect(restored).toEqual([2]);
  });

  it('by a state that no checkpoint could give back', async () => {
    const callback = { name: 'odd', state: () => ({ when: [new Map()] }) as never };
    await expect(train(runWith([callback]).request)).rejects.toThrow(
      /callback "odd": state\(\)\.when\[0\]: expected null, a boolean/,
    );
  });
});

describe('a run that goes on with other callbacks', () => {
  const counting = (name: string): TrainCallback => ({ name, state: () => 1, restore: () => undefined });

  it('is refused where one with state is missing, with what to do, which helps', async () => {
    await train(runWith([counting('counting')], {}, interrupting(33)).request);
    const config = await readFile(runFilePath(folder, 'config'));
    // It would mark the run as not reproducible, were it not refused.
    const timed = { name: 'timed', usesClock: true };
    await expect(train(runWith([timed], {}, { resume: true }).request)).rejects.toMatchObject({
      code: 'CALLBACK_MISMATCH',
      message: expect.stringContaining('{ name: "counting" }, to let its state go') as string,
    });
    expect(await readFile(runFilePath(folder, 'config'))).toEqual(config);
    const run = runWith([{ name: 'counting' }], {}, { resume: true });
    expect(await train(run.request)).toMatchObject({ status: 'completed' });
    expect(run.eventsOf('notice').map(({ message }) => message)).toEqual([
      'callback "counting" begins afresh: it has no restore',
    ]);
  });

  it('is refused where one would restore what was never saved, with what to do, which helps', async () => {
    await train(runWith([], {}, interrupting(33)).request);
    await expect(train(runWith([counting('late')], {}, { resume: true }).request)).rejects.toMatchObject({
      code: 'CALLBACK_MISMATCH',
      message: expect.stringContaining('restore: undefined') as string,
    });
    const afresh = { ...counting('late'), restore: undefined };
    expect(await train(runWith([afresh], {}, { resume: true }).request)).toMatchObject({
      status: 'completed',
    });
  });

  it('may have others without state', async () => {
    await train(runWith([everySteps(10, () => undefined)], {}, interrupting(33)).request);
    const seen: number[] = [];
    const other = everySteps(7, ({ envSteps }) => void seen.push(envSteps));
    await train(runWith([other], {}, { resume: true }).request);
    expect(seen).toEqual([35, 42, 49, 56]);
  });
});

it('one that uses the clock marks the run as not reproducible, and it stays so', async () => {
  const timed = { ...everySteps(50, () => undefined, 'timed'), usesClock: true };
  await train(runWith([timed], {}, interrupting(33)).request);
  const config = async () => JSON.parse(await readFile(runFilePath(folder, 'config'), 'utf8')) as unknown;
  expect(await config()).toMatchObject({ reproducible: false });
  await train(runWith([], {}, { resume: true }).request);
  expect(await config()).toMatchObject({ reproducible: false });
});

it('who decides by evaluations waits for them, also where they could be played alongside', async () => {
  const stopping = stopOnReward(-1e9);
  const run = runWith([stopping], {}, { evaluateAlongside: true });
  expect(await train(run.request)).toMatchObject({ status: 'stopped', envSteps: 20 });
});
