import { isServing } from '@gymwire/env/host';
import { type CompileJob, carryOutJob } from './compile-job.ts';
import { HelperThread } from './helper-thread.ts';
import { loadMujocoOnce } from './load-mujoco-once.ts';

const thread = new HelperThread<CompileJob, Uint8Array>(
  new URL('./compile-thread.js', import.meta.url),
  'compiles models',
);

/**
 * Compiles a model, in a thread of its own where clients would wait.
 * @throws GymwireError ENV_FAILED with MuJoCo's message, INVALID_ARGUMENT for files that cannot be read
 */
export async function compile(job: CompileJob): Promise<Uint8Array> {
  return isServing() ? thread.ask(job) : carryOutJob(await loadMujocoOnce(), job);
}
