/** `--learner`: which implementation of TD3's update rule computes, and on what. */
import {
  AgentError,
  type CreateLearner,
  createCompiledLearner,
  createTfjsLearner,
  loadTfjsBackend,
  type TfjsBackendName,
} from '@gymwire/agent-sdk';

const tfjsBackends = {
  tfjs: 'auto',
  'tfjs-node': 'tensorflow',
  'tfjs-wasm': 'wasm',
  'tfjs-cpu': 'cpu',
} as const satisfies Record<string, TfjsBackendName | 'auto'>;

export type LearnerName = 'auto' | 'compiled' | keyof typeof tfjsBackends;
export const learnerNames = ['auto', 'compiled', ...Object.keys(tfjsBackends)] as readonly LearnerName[];

/** `--learner-threads`: of the compiled learner. */
export const threadCounts = ['auto', '1', '2'] as const;
export type ThreadCount = (typeof threadCounts)[number];

/**
 * @param threads the tfjs learners take no notice
 * @param note told which backend computes where it is not the compiled learner, and why
 * @throws AgentError BACKEND_UNAVAILABLE; the compiled learner's comes when it is made
 */
export async function learnerFactory(
  name: LearnerName,
  note: (text: string) => void,
  threads: ThreadCount = 'auto',
): Promise<CreateLearner> {
  const compiled: CreateLearner = (options, state) =>
    createCompiledLearner(options, state, threads === 'auto' ? {} : { threads: threads === '1' ? 1 : 2 });
  if (name === 'compiled') return compiled;
  if (name === 'auto') return (options, state) => createFastest(compiled, options, state, note);
  const backend = await loadTfjsBackend(tfjsBackends[name]);
  note(backend.notice);
  return (options, state) => createTfjsLearner(options, state, backend.name);
}

/** The compiled learner is many times as fast; tfjs, where its library does not load, runs everywhere. */
async function createFastest(
  ...[compiled, options, state, note]: [CreateLearner, ...Parameters<CreateLearner>, (text: string) => void]
): ReturnType<CreateLearner> {
  try {
    return await compiled(options, state);
  } catch (error) {
    if (!(error instanceof AgentError) || error.code !== 'BACKEND_UNAVAILABLE') throw error;
    const backend = await loadTfjsBackend();
    note(`${error.message}; ${backend.notice}`);
    return createTfjsLearner(options, state, backend.name);
  }
}
