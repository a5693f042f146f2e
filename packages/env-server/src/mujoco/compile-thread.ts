import { parentPort } from 'node:worker_threads';
import { answerAsHelper } from '../helpers/helper-thread.ts';
import { type CompileJob, compileModel } from './compile-model.ts';
import { loadMujoco } from './mujoco-module.ts';

/* Entry of the thread that compiles models for a server. */

/** WebAssembly that has aborted, for want of memory above all, never works again. */
function isAbort(thrown: unknown): boolean {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  return cause instanceof Error && cause.name === 'RuntimeError';
}

if (parentPort !== null) {
  const compile = async (job: CompileJob) => {
    const result = compileModel(await loadMujoco(), job);
    return { result, transfer: [result.buffer] };
  };
  answerAsHelper(parentPort, compile, isAbort);
}
