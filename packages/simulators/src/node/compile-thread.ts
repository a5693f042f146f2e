import { parentPort } from 'node:worker_threads';
import { type CompileJob, carryOutJob } from './compile-job.ts';
import { answerAsHelper } from './helper-thread.ts';
import { loadMujocoOnce } from './load-mujoco-once.ts';

/* Entry of the thread that compiles models for a server. */

/** WebAssembly that has aborted, for want of memory above all, never works again. */
function isAbort(thrown: unknown): boolean {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  return cause instanceof Error && cause.name === 'RuntimeError';
}

if (parentPort !== null) {
  const compile = async (job: CompileJob) => {
    const result = carryOutJob(await loadMujocoOnce(), job);
    return { result, transfer: [result.buffer] };
  };
  answerAsHelper(parentPort, compile, isAbort);
}
