/** Which implementation of TD3's update rule computes, and on what. */
import { AgentError } from '../errors.ts';
import { createCompiledLearner } from './compiled/compiled-learner.ts';
import { coresOfEach, sensibleThreadCount } from './compiled/threads/sensible-thread-count.ts';
import type { CreateLearner, LearnerOptions } from './learner.ts';
import type { LearnerState } from './network-state.ts';
import type { TfjsBackendName } from './tfjs/backend-names.ts';
import { createTfjsLearner, loadTfjsBackend } from './tfjs/on-demand.ts';

const tfjsBackends = {
  tfjs: 'auto',
  'tfjs-node': 'tensorflow',
  'tfjs-wasm': 'wasm',
  'tfjs-cpu': 'cpu',
} as const satisfies Record<string, TfjsBackendName | 'auto'>;

/**
 * What computes the updates: `compiled` (ONNX Runtime; many times as fast as any tfjs), `tfjs` (TensorFlow.js on the fastest
 * of its backends that works, or on the one that is named), or `auto`: `compiled`, and `tfjs` where its library does not load.
 */
export type LearnerName = 'auto' | 'compiled' | keyof typeof tfjsBackends;
export const learnerNames = ['auto', 'compiled', ...Object.keys(tfjsBackends)] as readonly LearnerName[];

/** Threads of the compiled learner: two give each critic one of its own; `auto` takes what suits networks and machine. */
export type LearnerThreads = 'auto' | 1 | 2;
export const learnerThreadCounts: readonly LearnerThreads[] = ['auto', 1, 2];

export interface LearnerChoice {
  readonly learner?: LearnerName | undefined;
  readonly learnerThreads?: LearnerThreads | undefined;
}

/**
 * Nothing is loaded before the learner is made.
 * @param tell hears which backend computes where it is not the compiled learner, and why; a promise is waited for
 * @param cores that the run may use
 * @throws AgentError INVALID_OPTION; what is returned throws BACKEND_UNAVAILABLE
 */
export function chooseLearner(
  { learner = 'auto', learnerThreads = 'auto' }: LearnerChoice,
  tell: (notice: string) => unknown,
  cores = coresOfEach(1),
): CreateLearner {
  refuseOther('learner', learner, learnerNames);
  refuseOther('learnerThreads', learnerThreads, learnerThreadCounts);
  const compiled: CreateLearner = (options, state) => {
    const threads = learnerThreads === 'auto' ? sensibleThreadCount(options, cores) : learnerThreads;
    return createCompiledLearner(options, state, { threads });
  };
  if (learner === 'compiled') return compiled;
  if (learner === 'auto') return (options, state) => createFastest(compiled, options, state, tell);
  if (learnerThreads !== 'auto') {
    throw new AgentError(
      'INVALID_OPTION',
      `learnerThreads: only the compiled learner has threads; got ${learnerThreads} with learner ${learner}`,
    );
  }
  return (options, state) => createOnTfjs(tfjsBackends[learner], '', options, state, tell);
}

/** The compiled learner is many times as fast; tfjs, where its library does not load, runs everywhere. */
async function createFastest(
  compiled: CreateLearner,
  options: LearnerOptions,
  state: LearnerState,
  tell: (notice: string) => unknown,
): ReturnType<CreateLearner> {
  try {
    return await compiled(options, state);
  } catch (error) {
    if (!(error instanceof AgentError) || error.code !== 'BACKEND_UNAVAILABLE') throw error;
    return createOnTfjs('auto', `${error.message}; `, options, state, tell);
  }
}

async function createOnTfjs(
  choice: TfjsBackendName | 'auto',
  why: string,
  options: LearnerOptions,
  state: LearnerState,
  tell: (notice: string) => unknown,
): ReturnType<CreateLearner> {
  const { name, notice } = await loadTfjsBackend(choice);
  await tell(why + notice);
  return createTfjsLearner(options, state, name);
}

function refuseOther(option: string, value: unknown, known: readonly unknown[]): void {
  if (known.includes(value)) return;
  throw new AgentError(
    'INVALID_OPTION',
    `${option}: expected one of ${known.join(', ')}; got ${JSON.stringify(value)}`,
  );
}
