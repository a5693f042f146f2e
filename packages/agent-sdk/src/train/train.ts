import { AgentError, type AgentErrorCode } from '../errors.ts';
import { resolveResumedOptions, resolveTrainOptions } from '../options/resolve-options.ts';
import { isCancelled } from '../rollout/vector-env.ts';
import { claimRunFolder } from '../run-folder/claim-run-folder.ts';
import { inspectRun } from '../run-folder/inspect-run.ts';
import type { RunLock } from '../run-folder/run-lock.ts';
import { TrainingLoop } from './loop/training-loop.ts';
import type { TrainingParts } from './loop/training-parts.ts';
import { EventJournal } from './report/event-journal.ts';
import type { TrainStatus } from './report/progress.ts';
import { ProgressTeller } from './report/progress-teller.ts';
import { assembleRun, type RunStart } from './start/assemble-run.ts';
import type { Closing } from './start/closing.ts';
import { checkRequest, learnerOf, openRequest } from './start/open-request.ts';
import { seedingFault } from './start/seeding.ts';
import type {
  BegunOrResumedRun,
  EnvSource,
  LearnerSource,
  NewRun,
  ResumedRun,
  TrainRequest,
  TrainResult,
} from './train-request.ts';

/** Goes on with the run in `runFolder`. Options left out are the run's own. @throws as for a new run */
export function train(request: EnvSource & LearnerSource & ResumedRun): Promise<TrainResult>;
/** Goes on with the run in `runFolder` or begins one, as `resume` says. @throws as for a new run */
export function train(request: EnvSource & LearnerSource & BegunOrResumedRun): Promise<TrainResult>;
/** Begins a run or goes on with one. @throws as for a new run */
export function train(request: TrainRequest): Promise<TrainResult>;
/**
 * Trains TD3 on an environment. Equal options give equal runs, bit for bit, on one machine.
 *
 * ```ts from test/snippets/training.ts#train
 * const { best, status } = await train({
 *   server: address,
 *   options: { envId: 'Pendulum-v1', totalEnvSteps: 7_000 },
 *   onProgress(event) {
 *     if (event.type === 'evaluation') console.log(event.envSteps, event.meanReturn);
 *   },
 * });
 * ```
 *
 * When the environment or the learner fails, what was learnt is saved and the error says how to go on; its
 * `cause` is the failure.
 * @throws AgentError INVALID_OPTION, CONFIG_MISMATCH, ENV_MISMATCH, UNSUPPORTED_SPACE, INVALID_ACTION_BOUNDS, BACKEND_UNAVAILABLE;
 * RUN_EXISTS, PROGRESS_FAILED, RUN_BUSY, RUN_LOST, RUN_NOT_FOUND, NOT_WRITABLE, DISK_FULL, FILE_…; NON_FINITE_VALUE,
 * TRAINING_DIVERGED, TRAINING_FAILED; GymwireError as `connect` and `makeVector` do; the signal's reason where it comes before
 * the environments are made and reset
 */
export function train(request: EnvSource & LearnerSource & NewRun): Promise<TrainResult>;
export function train(request: TrainRequest): Promise<TrainResult> {
  return trainBesideOthers(request, 1);
}

/** `train`, by its share of the machine. @param runsAtATime how many there are, this one counted */
export async function trainBesideOthers(request: TrainRequest, runsAtATime: number): Promise<TrainResult> {
  checkRequest(request);
  const closing: Closing = [];
  const journal = new EventJournal();
  const teller = new ProgressTeller(request.onProgress, journal);
  try {
    const createLearner = learnerOf(request, teller, runsAtATime);
    const start = request.resume === true ? startResumed : startFresh;
    const begun = await start(request, teller, closing);
    const opened = await openRequest(request, createLearner, { teller, journal }, closing);
    return await playRun(await assembleRun(opened, { ...begun, teller, journal, runsAtATime }, closing));
  } catch (error) {
    // Given up while the first episodes were to begin: there is no run yet that could be interrupted.
    if (request.signal?.aborted === true && isCancelled(error)) throw request.signal.reason;
    throw error;
  } finally {
    // What is broken already may fail to close; that must not hide the first error or the result.
    for (const close of closing.reverse()) await close().catch(() => undefined);
  }
}

type Begun = Omit<RunStart, 'teller' | 'journal' | 'runsAtATime'>;

/** A wrong option makes no folder. */
async function startFresh(request: TrainRequest, teller: ProgressTeller, closing: Closing): Promise<Begun> {
  const options = resolveTrainOptions(request.options ?? {});
  return { options, run: undefined, lock: await claim(request, teller, closing) };
}

/** What a resumed run was started with is read once nobody can change it. */
async function startResumed(request: TrainRequest, teller: ProgressTeller, closing: Closing): Promise<Begun> {
  const { runFolder = '', options: { totalEnvSteps } = {} } = request;
  const lock = await claim(request, teller, closing);
  const run = await inspectRun(runFolder);
  if (totalEnvSteps !== undefined && totalEnvSteps < run.envSteps) {
    throw new AgentError(
      'INVALID_OPTION',
      `totalEnvSteps: expected at least ${run.envSteps}, the steps that the run in ${runFolder} has behind it, ` +
        `got ${totalEnvSteps}`,
    );
  }
  return { options: resolveResumedOptions(run.options, request.options ?? {}), run, lock };
}

async function claim(
  { runFolder, resume = false, takeOver }: TrainRequest,
  teller: ProgressTeller,
  closing: Closing,
): Promise<RunLock | undefined> {
  if (runFolder === undefined) return undefined;
  const onWait = (message: string) => teller.tell({ type: 'waiting', message });
  const lock = await claimRunFolder(runFolder, { resume, takeOver, onWait });
  closing.push(lock.release);
  return lock;
}

async function playRun(parts: TrainingParts): Promise<TrainResult> {
  const { options, state, learner, recorder, snapshot, callbacks } = parts;
  const loop = new TrainingLoop(parts);
  let status: TrainStatus;
  try {
    await announce(parts);
  } catch (error) {
    // What is saved is as it was; no step was taken.
    const failed = failure(error, parts, (resumable) => `no step was taken; to go on, ${resumable}`);
    await recordFailure(failed, parts);
    throw failed;
  }
  try {
    status = await loop.run();
    await callbacks.end(status);
    await loop.save();
    await loop.recordTiming();
    const { envSteps, gradientSteps } = state.counters;
    await recorder.recordEvent({ type: 'done', gradientSteps, status });
    await recorder.tell({ type: 'done', status, envSteps, gradientSteps });
  } catch (error) {
    throw await saveAfterFailure(error, loop, parts);
  }
  const { envSteps, gradientSteps, episodes } = state.counters;
  const [policy, learnerState] = [await snapshot(), await learner.exportState()];
  return {
    status,
    stoppedBy: callbacks.stopped ?? null,
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
  const { options, environment, seeding, state, learner, recorder, mended } = parts;
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
  await recorder.recordStart(learner.description);
  for (const message of mended) await recorder.recordMended(message);
  await recorder.recordHealth('EPISODES_UNSEEDED', seedingFault(seeding));
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
  if (cause instanceof AgentError) return cause.code;
  // Told of a connection that broke, it failed inside the connection's own events.
  const within = cause instanceof Error ? cause.cause : undefined;
  return within instanceof AgentError && within.code === 'PROGRESS_FAILED' ? within.code : 'TRAINING_FAILED';
}

/** Saves what is sound, and returns the error that tells where the run can go on; events.jsonl has it, too. */
async function saveAfterFailure(
  cause: unknown,
  loop: TrainingLoop,
  parts: TrainingParts,
): Promise<AgentError> {
  const failed = await savedAfterFailure(cause, loop, parts);
  await recordFailure(failed, parts);
  return failed;
}

/** A folder that cannot be written, or is another's, must not hide what happened. */
async function recordFailure(
  { code, message, cause }: AgentError,
  { recorder }: TrainingParts,
): Promise<void> {
  if (code === 'RUN_LOST') return;
  const own = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : null;
  await recorder.recordEvent({ type: 'failure', code, message, cause: own }).catch(() => undefined);
}

async function savedAfterFailure(
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
  // Whoever failed, or made others fail, is not asked again.
  parts.callbacks.mute();
  try {
    await loop.settle();
    await loop.save();
  } catch {
    return failure(cause, parts, (resumable) => `saving failed too; ${fromLast(resumable)}`);
  }
  const { envSteps } = parts.state.counters;
  if (envSteps === 0) {
    return failure(
      cause,
      parts,
      (resumable) => `no step was taken; once that is mended, ${resumable}, or begin anew in another folder`,
    );
  }
  const saved = `saved after ${envSteps} environment steps`;
  return failure(cause, parts, (resumable) =>
    // The next evaluation of the same run would not end either.
    code === 'EPISODE_ENDLESS'
      ? `${saved}; the limit belongs to a run: start another one with it`
      : `${saved}; to go on, ${resumable}`,
  );
}
