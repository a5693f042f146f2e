import type { InferenceSession } from 'onnxruntime-node';
import { AgentError } from '../../errors.ts';

export type OnnxRuntime = typeof import('onnxruntime-node');

/**
 * onnxruntime-node, loaded when it is first needed: its native library is not to be had on every platform.
 * @throws AgentError BACKEND_UNAVAILABLE
 */
export async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  try {
    return await import('onnxruntime-node');
  } catch (cause) {
    throw new AgentError(
      'BACKEND_UNAVAILABLE',
      `the compiled learner needs onnxruntime-node, which does not load on ${process.platform} ${process.arch}`,
      { cause },
    );
  }
}

/** Every session has threads of its own that spin when idle: one thread beats two on a small machine. */
export const sessionOptions: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
};
