/** Which learner computes is the user's choice: nothing is loaded for the others, and all share their state. */
import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RunSummary, TrainOptions } from '@gymwire/agent-sdk';
import { readRunSummary } from '@gymwire/agent-sdk';
import type { LearnerState, NetworkState } from '@gymwire/agent-sdk/parts';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../scripts/tools.mjs';
import { localEnvs } from '../support/local-env.ts';
import { learners, trainSmall } from '../support/small-training.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const program = join(ROOT, 'packages', 'cli', 'bin', 'gymwire.js');

/** A module for `node --import`, in every thread: tells on stderr what is loaded, and hides a package. */
function loadHooks(hidden = ''): string {
  const hooks = `
    import { writeSync } from 'node:fs';
    export async function resolve(specifier, context, next) {
      if (specifier === ${JSON.stringify(hidden)}) throw new Error('hidden: ' + specifier);
      writeSync(2, 'LOADS ' + specifier + '\\n');
      return next(specifier, context);
    }`;
  const asUrl = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;
  return asUrl(`import { register } from 'node:module'; register(${JSON.stringify(asUrl(hooks))});`);
}

/** @returns both streams, one after the other, the packages that were loaded, and the exit code */
function runNode(args: readonly string[], hidden?: string) {
  const env = { ...process.env, NODE_OPTIONS: `--import ${loadHooks(hidden)}` };
  const run = spawnSync(process.execPath, args, { encoding: 'utf8', env, cwd: temporaryFolder() });
  const loaded = new Set([...run.stderr.matchAll(/^LOADS (.*)$/gm)].map((match) => match[1] ?? ''));
  return { output: run.stdout + run.stderr, loaded, code: run.status };
}

function trainWith(learner: string, hidden?: string) {
  const options = ['--env', 'Pendulum-v1', '--steps', '300', '--out', 'run', '--learner', learner];
  return runNode([program, 'train', ...options], hidden);
}

const runsTfjs = expect.stringMatching(/^@tensorflow\//) as string;

describe('what is loaded', () => {
  it('the agent SDK loads neither tfjs nor ONNX Runtime before a learner asks for it', () => {
    const sdk = pathToFileURL(join(ROOT, 'packages', 'agent-sdk', 'dist', 'index.js')).href;
    const { loaded } = runNode(['--input-type=module', '-e', `import '${sdk}'`]);
    expect([...loaded]).toContain('@grpc/grpc-js');
    expect([...loaded]).not.toContainEqual(runsTfjs);
    expect([...loaded]).not.toContain('onnxruntime-node');
  });

  it('--learner auto computes with the compiled learner, without tfjs', () => {
    const { output, loaded } = trainWith('auto');
    expect(output).toContain('learner compiled (onnxruntime-node), in a thread');
    expect([...loaded]).not.toContainEqual(runsTfjs);
  });

  it('--learner auto takes tfjs where ONNX Runtime does not load, and says so in one line', () => {
    const { output } = trainWith('auto', 'onnxruntime-node');
    const notes = output.split('\n').filter((line) => line.includes('onnxruntime-node, which does not load'));
    expect(notes).toEqual([expect.stringMatching(/^the compiled learner needs .*; tfjs computes with /)]);
    expect(output).toContain('learner tfjs (');
    expect(output).toContain('the run is in run');
  });

  it('--learner compiled fails where ONNX Runtime does not load', () => {
    const { output, code } = trainWith('compiled', 'onnxruntime-node');
    expect(output).toContain('error BACKEND_UNAVAILABLE: the compiled learner needs onnxruntime-node');
    expect(code).toBe(2);
  });
});

function numbersOf(networks: readonly NetworkState[]): number[] {
  return networks.flatMap((network) => network.flatMap(({ weight, bias }) => [...weight, ...bias]));
}

function weightsOf({ actor, actorTarget, critics, criticTargets }: LearnerState): number[] {
  return numbersOf([actor, actorTarget, ...critics, ...criticTargets]);
}

function momentsOf({ actorAdam, criticAdams }: LearnerState): number[] {
  return numbersOf([actorAdam, ...criticAdams].flatMap((adam) => [adam.firstMoment, adam.secondMoment]));
}

function largestDifference(found: readonly number[], expected: readonly number[]): number {
  return expected.reduce((most, x, i) => Math.max(most, Math.abs(x - (found[i] ?? Number.NaN))), 0);
}

describe('a checkpoint of one learner goes on in another', () => {
  it.each([
    ['tfjs', 'compiled'],
    ['compiled', 'tfjs'],
  ] as const)('%s, then %s', async (first, second) => {
    const folder = temporaryFolder();
    const run = (
      runFolder: string,
      name: 'tfjs' | 'compiled',
      options: Partial<TrainOptions>,
      resume: boolean,
    ) => {
      const more = { createLearner: learners[name], runFolder, resume };
      return trainSmall(localEnvs('same-step'), options, more);
    };
    const begun = join(folder, 'begun');
    const before = await run(begun, first, { totalEnvSteps: 200 }, false);
    const ends: LearnerState[] = [];
    for (const name of [first, second]) {
      cpSync(begun, join(folder, name), { recursive: true });
      const ended = await run(join(folder, name), name, { totalEnvSteps: 240 }, true);
      expect(ended).toMatchObject({ status: 'completed', envSteps: 240, gradientSteps: 90 });
      ends.push(ended.learner);
    }
    const [same, other] = ends as [LearnerState, LearnerState];
    // The bound of the golden vectors for weights, over 40 updates and the steps that they led to.
    expect(largestDifference(weightsOf(other), weightsOf(same))).toBeLessThan(1e-6);
    const largestMoment = largestDifference(momentsOf(same), momentsOf(same).fill(0));
    expect(largestDifference(momentsOf(other), momentsOf(same))).toBeLessThan(1e-6 * largestMoment);
    expect(largestDifference(weightsOf(other), weightsOf(before.learner))).toBeGreaterThan(1e-3);
  });

  it('--resume with another --learner', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'run');
    const train = (...args: string[]) => runNode([program, 'train', ...args]).output;
    const summaries: RunSummary[] = [];
    train('--env', 'Pendulum-v1', '--steps', '300', '--out', path, '--learner', 'tfjs-cpu');
    summaries.push(await readRunSummary(path));
    expect(train('--resume', path, '--steps', '400', '--learner', 'compiled')).toContain('learner compiled');
    summaries.push(await readRunSummary(path));
    expect(train('--resume', path, '--steps', '500', '--learner', 'tfjs-cpu')).toContain(
      'learner tfjs (cpu)',
    );
    summaries.push(await readRunSummary(path));
    expect(summaries).toMatchObject([
      { envSteps: 300, gradientSteps: 270 },
      { envSteps: 400, gradientSteps: 370 },
      { envSteps: 500, gradientSteps: 470 },
    ]);
  });
});
