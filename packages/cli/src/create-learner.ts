/** `--learner`: which implementation of TD3's update rule computes, and on what. */
import {
  type CreateLearner,
  createTfjsLearner,
  loadTfjsBackend,
  type TfjsBackendName,
} from '@gymwire/agent-sdk';

const tfjsBackends = {
  auto: 'auto',
  tfjs: 'auto',
  'tfjs-node': 'tensorflow',
  'tfjs-wasm': 'wasm',
  'tfjs-cpu': 'cpu',
} as const satisfies Record<string, TfjsBackendName | 'auto'>;

export const learnerNames = Object.keys(tfjsBackends) as readonly LearnerName[];
export type LearnerName = keyof typeof tfjsBackends;

/**
 * @param note told which backend computes, and how to get the native one where it does not
 * @throws AgentError BACKEND_UNAVAILABLE
 */
export async function learnerFactory(
  name: LearnerName,
  note: (text: string) => void,
): Promise<CreateLearner> {
  const backend = await loadTfjsBackend(tfjsBackends[name]);
  note(backend.notice);
  return (options, state) => createTfjsLearner(options, state, backend.name);
}
