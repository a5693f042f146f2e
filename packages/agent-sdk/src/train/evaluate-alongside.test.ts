/** Evaluations while training goes on: what is saved is what evaluations in turns leave. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { TrainOptions } from '../generated/train-options.ts';
import type { VectorEnv } from '../rollout/vector-env.ts';
import { TestRun } from '../testing/run-helpers.ts';
import { train } from './train.ts';

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gymwire-alongside-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'run');
}

/** An evaluation's environments that answer each step only after so many turns of the event loop. */
function slowEvaluation(run: TestRun, turns: number): void {
  const { makeEnv } = run.request;
  const slow: typeof makeEnv = async (request) => {
    const env: VectorEnv = await makeEnv(request);
    if (request.purpose === 'training') return env;
    const step = env.step.bind(env);
    env.step = async (actions) => {
      for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
      return step(actions);
    };
    return env;
  };
  Object.assign(run.request, { makeEnv: slow });
}

async function filesOf(options: Partial<TrainOptions>, evaluateAlongside: boolean, turns = 0) {
  const runFolder = newFolder();
  const run = new TestRun(options, { runFolder, evaluateAlongside });
  slowEvaluation(run, turns);
  const result = await train(run.request);
  const files = ['config.json', 'metrics.jsonl', 'checkpoint.bin', 'best.policy', 'last.policy'].map((name) =>
    readFileSync(join(runFolder, name)).toString('latin1'),
  );
  const evaluated = run.events.flatMap((event, i) => (event.type === 'evaluation' ? [i] : []));
  return { files, result, events: run.events, evaluated };
}

it.each([
  { mode: 'alternating' },
  { mode: 'pipelined' },
  { mode: 'alternating', normalizeObservations: true },
  { mode: 'pipelined', normalizeObservations: true },
  // Evaluations that take longer than the steps between two of them.
  { mode: 'pipelined', numEnvs: 3, evaluationInterval: 7, checkpointInterval: 1000 },
] as const)('leaves the same files and policies as in turns, however long it takes: %o', async (options) => {
  const inTurns = await filesOf(options, false);
  for (const turns of [0, 3, 40]) {
    const alongside = await filesOf(options, true, turns);
    expect(alongside.files).toEqual(inTurns.files);
    expect(alongside.result).toEqual(inTurns.result);
  }
});

it('training goes on meanwhile: steps are told before the evaluation of an earlier one', async () => {
  const { events, evaluated } = await filesOf({ checkpointInterval: 1000 }, true, 3);
  const late = events[evaluated[0]];
  const before = events
    .slice(0, evaluated[0])
    .flatMap((event) => (event.type === 'step' ? [event.envSteps] : []));
  expect(late).toMatchObject({ envSteps: 20 });
  expect(Math.max(...before)).toBeGreaterThan(20);
});

it('with a return to stop at, training waits: what decides must be known before the next step', async () => {
  const { result, events, evaluated } = await filesOf({ stopAtReturn: -1000 }, true, 40);
  expect([result.status, result.envSteps]).toEqual(['solved', 20]);
  expect(events[evaluated[0]]).toMatchObject({ envSteps: 20 });
});

it('one that fails ends the training, and a resume plays it again', async () => {
  const runFolder = newFolder();
  const run = new TestRun({ checkpointInterval: 1000 }, { runFolder, evaluateAlongside: true });
  const { makeEnv } = run.request;
  const failing: typeof makeEnv = async (request) => {
    const env: VectorEnv = await makeEnv(request);
    if (request.purpose === 'evaluation') env.step = () => Promise.reject(new Error('the arena burns'));
    return env;
  };
  await expect(train({ ...run.request, makeEnv: failing })).rejects.toThrow(
    /the arena burns .* resume the run/,
  );
  const resumed = new TestRun({}, { runFolder, evaluateAlongside: true });
  const { options: _, ...request } = resumed.request;
  await train({ ...request, runFolder, resume: true });
  const [first] = resumed.events.flatMap((event) => (event.type === 'evaluation' ? [event.envSteps] : []));
  expect(first).toBeLessThan(40);
});
