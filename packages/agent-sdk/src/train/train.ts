import { AgentError, type AgentErrorCode } from '../errors.ts';
import type { ResolvedTrainOptions } from '../options/option-schema.ts';
import { resolveResumedOptions, resolveTrainOptions } from '../options/resolve-options.ts';
import { type InspectedRun, inspectRun } from '../run-folder/inspect-run.ts';
import { claimRunFolder } from '../run-folder/run-folder.ts';
import type { RunLock } from '../run-folder/run-lock.ts';
import { TrainingLoop } from './loop/training-loop.ts';
import type { TrainingParts } from './loop/training-parts.ts';
import type { TrainStatus } from './report/progress.ts';
import { ProgressTeller } from './report/progress-teller.ts';
import { assembleRun } from './start/assemble-run.ts';
import type { Closing } from './start/make-envs.ts';
import type { TrainRequest, TrainResult } from './train-request.ts';

/**
 * Trains TD3 on an environment. Equal options give equal runs, bit for bit, on one machine.
 *
 * When the environment or the learner fails, what was learnt is saved and the error says how to go on; its
 * `cause` is the failure.
 * @throws AgentError INVALID_OPTION, CONFIG_MISMATCH, UNSUPPORTED_SPACE, INVALID_ACTION_BOUNDS; RUN_EXISTS,
 * PROGRESS_FAILED, RUN_BUSY, RUN_LOST, RUN_NOT_FOUND, NOT_WRITABLE, DISK_FULL, FILE_…; NON_FINITE_VALUE, TRAINING_DIVERGED, TRAINING_FAILED
 */
export async function train(request: TrainRequest): Promise<TrainResult> {
  const { runFolder, resume = false, takeOver, onProgress } = request;
  if (resume && runFolder === undefined) {
    throw new AgentError('INVALID_OPTION', 'resume: needs a run folder');
  }
  const closing: Closing = [];
  const teller = new ProgressTeller(onProgress);
  try {
    // A wrong option makes no folder; what a resumed run was started with is read once nobody can change it.
    let options = resume ? undefined : resolveTrainOptions(request.options);
    let lock: RunLock | undefined;
    if (runFolder !== undefined) {
      const onWait = (message: string) => teller.tell({ type: 'waiting', message });
      lock = await claimRunFolder(runFolder, { resume, takeOver, onWait });
      closing.push(lock.release);
    }
    const run = runFolder !== undefined && resume ? await inspectRun(runFolder) : undefined;
    if (run !== undefined) options = resumedOptions(request, run);
    options ??= resolveTrainOptions(request.options);
    const parts = await assembleRun(request, { options, run, teller, lock }, closing);
    return await playRun(parts);
  } finally {
    // What is broken already may fail to close; that must not hide the first error or the result.
    for (const close of closing.reverse()) await close().catch(() => undefined);
  }
}

function resumedOptions({ options, runFolder = '' }: TrainRequest, run: InspectedRun): ResolvedTrainOptions {
  if (options.totalEnvSteps !== undefined && options.totalEnvSteps < run.envSteps) {
    throw new AgentError(
      'INVALID_OPTION',
      `totalEnvSteps: expected at least ${run.envSteps}, the steps that the run in ${runFolder} has behind it, ` +
        `got ${options.totalEnvSteps}`,
    );
  }
  return resolveResumedOptions(run.options, options);
}

async function playRun(parts: TrainingParts): Promise<TrainResult> {
  const { options, state, learner, recorder, snapshot } = parts;
  const loop = new TrainingLoop(parts);
  let status: TrainStatus;
  try {
    await announce(parts);
  } catch (error) {
    // What is saved is as it was; no step was taken.
    throw failure(error, parts, (resumable) => `no step was taken; to go on, ${resumable}`);
  }
  try {
    status = await loop.run();
    await loop.save();
    const { envSteps, gradientSteps } = state.counters;
    await recorder.tell({ type: 'done', status, envSteps, gradientSteps });
  } catch (error) {
    throw await saveAfterFailure(error, loop, parts);
  }
  const { envSteps, gradientSteps, episodes } = state.counters;
  const [policy, learnerState] = [await snapshot(), await learner.exportState()];
  return {
    status,
    options,
    envSteps,
    gradientSteps,
    episodes,
    policy,
    best: state.best,
    warnings: recorder.warnings,
    learner: learnerState,
  };
}

async function announce(parts: TrainingParts): Promise<void> {
  const { options, environment, state, learner, recorder, mended } = parts;
  const { envId, numEnvs, totalEnvSteps } = options;
  const { observationSize, actionSize, byteLength: replayBytes } = state.replay;
  const { envSteps } = state.counters;
  await recorder.tell({
    type: 'start',
    envId,
    numEnvs,
    learner: learner.description,
    observationSize,
    actionSize,
    maxEpisodeSteps: environment.maxEpisodeSteps,
    envSteps,
    totalEnvSteps,
    replayBytes,
  });
  for (const message of mended) await recorder.tellMended(message);
  await recorder.recordStart(learner.description);
}

/** @param hint where the run stands; is told how to resume it */
function failure(cause: unknown, { folder }: TrainingParts, hint: (resumable: string) => string): AgentError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const hints =
    folder === undefined
      ? 'nothing was saved: the run has no folder'
      : hint(`resume the run in ${folder.path}`);
  return new AgentError(codeOf(cause), `${reason} — ${hints}`, { cause });
}

function codeOf(cause: unknown): AgentErrorCode {
  return cause instanceof AgentError ? cause.code : 'TRAINING_FAILED';
}

/** Saves what is sound, and returns the error that tells where the run can go on. */
async function saveAfterFailure(
  cause: unknown,
  loop: TrainingLoop,
  parts: TrainingParts,
): Promise<AgentError> {
  const code = codeOf(cause);
  if (code === 'RUN_LOST') {
    return failure(
      cause,
      parts,
      () => 'it goes on from its last checkpoint, and nothing more was written here',
    );
  }
  const fromLast = (resumable: string) => `to go on from its last checkpoint, ${resumable}`;
  // A failed update may have changed one network and not the next; diverged weights stay diverged.
  if (!loop.isConsistent || code === 'TRAINING_DIVERGED') return failure(cause, parts, fromLast);
  try {
    await loop.save();
  } catch {
    return failure(cause, parts, (resumable) => `saving failed too; ${fromLast(resumable)}`);
  }
  const saved = `saved after ${parts.state.counters.envSteps} environment steps`;
  return failure(cause, parts, (resumable) =>
    // The next evaluation of the same run would not end either.
    code === 'EPISODE_ENDLESS'
      ? `${saved}; the limit belongs to a run: start another one with it`
      : `${saved}; to go on, ${resumable}`,
  );
}
