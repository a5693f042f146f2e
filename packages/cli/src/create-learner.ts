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

/**
 * @param note told which backend computes where it is not the compiled learner, and why
 * @throws AgentError BACKEND_UNAVAILABLE; the compiled learner's comes when it is made
 */
export async function learnerFactory(
  name: LearnerName,
  note: (text: string) => void,
): Promise<CreateLearner> {
  if (name === 'compiled') return (options, state) => createCompiledLearner(options, state);
  if (name === 'auto') return (options, state) => createFastest(options, state, note);
  const backend = await loadTfjsBackend(tfjsBackends[name]);
  note(backend.notice);
  return (options, state) => createTfjsLearner(options, state, backend.name);
}

/** The compiled learner is many times as fast; tfjs, where its library does not load, runs everywhere. */
async function createFastest(
  ...[options, state, note]: [...Parameters<CreateLearner>, (text: string) => void]
): ReturnType<CreateLearner> {
  try {
    return await createCompiledLearner(options, state);
  } catch (error) {
    if (!(error instanceof AgentError) || error.code !== 'BACKEND_UNAVAILABLE') throw error;
    const backend = await loadTfjsBackend();
    note(`${error.message}; ${backend.notice}`);
    return createTfjsLearner(options, state, backend.name);
  }
}
