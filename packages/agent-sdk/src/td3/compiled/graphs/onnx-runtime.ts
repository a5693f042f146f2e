import { runInThisContext } from 'node:vm';
import type { InferenceSession } from 'onnxruntime-node';
import { AgentError } from '../../../errors.ts';

export type OnnxRuntime = typeof import('onnxruntime-node');

/** Node's own realm. Jest and the like run modules in another one, whose classes are not Node's. */
const nodes = runInThisContext('({ process, Float32Array })') as Readonly<{
  process: NodeJS.Process;
  Float32Array: Float32ArrayConstructor;
}>;

/**
 * onnxruntime-node, loaded when it is first needed: its native library is not to be had on every platform.
 * @throws AgentError BACKEND_UNAVAILABLE
 */
export async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  try {
    if (nodes.Float32Array === Float32Array) return await import('onnxruntime-node');
    // Its native code makes arrays of Node's realm, which its own checks refuse when they were loaded into another.
    const { createRequire } = nodes.process.getBuiltinModule('node:module');
    return createRequire(import.meta.url)('onnxruntime-node') as OnnxRuntime;
  } catch (cause) {
    throw new AgentError(
      'BACKEND_UNAVAILABLE',
      `the compiled learner needs onnxruntime-node, which does not load on ${process.platform} ${process.arch}`,
      { cause },
    );
  }
}

/** The same memory by the class of Node's realm; mostly the very array. */
export function nodeView(array: Float32Array): Float32Array {
  if (nodes.Float32Array === Float32Array) return array;
  return new nodes.Float32Array(array.buffer, array.byteOffset, array.length);
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
