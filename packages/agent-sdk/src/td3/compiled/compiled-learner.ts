import type { Learner, LearnerOptions } from '../learner.ts';
import type { LearnerState } from '../network-state.ts';
import type { CompiledDiagnostics } from './diagnostics.ts';
import { createInProcessLearner } from './in-process-learner.ts';
import { sensibleThreadCount } from './threads/sensible-thread-count.ts';
import { createThreadedLearner } from './threads/threaded-learner.ts';

/** Where a compiled learner computes; changes no bit of the result. */
export interface CompiledLearnerSettings {
  /** `worker` (the default) leaves the calling thread free; `caller` saves the way there, and blocks. */
  readonly thread?: 'worker' | 'caller';
  /** Number of worker threads that compute; two: one for each critic. By default what suits networks and machine. */
  readonly threads?: 1 | 2;
  /** Switches for benchmarks. */
  readonly diagnostics?: CompiledDiagnostics;
}

/**
 * TD3 with the whole update, gradients and Adam included, traced into ONNX graphs that onnxruntime-node runs on
 * one core, or on two. Where it computes changes no bit of the result.
 * @throws AgentError SHAPE_MISMATCH where `initial` does not fit `options`; BACKEND_UNAVAILABLE where
 * onnxruntime-node does not load
 */
export async function createCompiledLearner(
  options: LearnerOptions,
  initial: LearnerState,
  settings: CompiledLearnerSettings = {},
): Promise<Learner> {
  const { thread, threads = sensibleThreadCount(options), diagnostics } = settings;
  if (thread === 'caller') return createInProcessLearner(options, initial, diagnostics);
  return createThreadedLearner(options, initial, threads, diagnostics);
}
