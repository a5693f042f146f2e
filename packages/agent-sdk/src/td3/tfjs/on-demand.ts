import type { Learner, LearnerOptions } from '../learner.ts';
import type { LearnerState } from '../network-state.ts';
import type { TfjsBackend, TfjsBackendName } from './backend-names.ts';

/* tfjs takes a third of a second to load: who imports this package for anything else must not wait for it. */

/** `loadTfjsBackend` of ./backend.ts: loads, tries and activates a backend. @throws AgentError BACKEND_UNAVAILABLE */
export async function loadTfjsBackend(choice: TfjsBackendName | 'auto' = 'auto'): Promise<TfjsBackend> {
  const tfjs = await import('./backend.ts');
  return tfjs.loadTfjsBackend(choice);
}

/**
 * `createTfjsLearner` of ./tfjs-learner.ts: TD3 as it is written down, on tfjs.
 * @param backend `auto` takes the fastest that works on this machine
 * @throws AgentError BACKEND_UNAVAILABLE, SHAPE_MISMATCH
 */
export async function createTfjsLearner(
  options: LearnerOptions,
  initial: LearnerState,
  backend: TfjsBackendName | 'auto' = 'auto',
): Promise<Learner> {
  const tfjs = await import('./tfjs-learner.ts');
  return tfjs.createTfjsLearner(options, initial, backend);
}
