import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '@gymwire/protocol';
import { AgentError } from '../errors.ts';
import { isThenable } from '../is-thenable.ts';
import { findLiveHolder } from '../run-folder/run-lock.ts';
import { checkSeedsRequest, usualParallel } from './check-seeds-request.ts';
import { type ClaimedGroup, claimGroup } from './claim-group.ts';
import { optionsOf, seedFolder } from './group-file.ts';
import type { SeedOutcome, SeedTask } from './seed-messages.ts';
import { type SeedProcess, type StartSeed, startSeedProcess } from './seed-process.ts';
import { readSeedState, type SeedState } from './seed-state.ts';
import type { SeedRun, SeedsEvent, SeedsRequest, SeedsResult } from './seeds-request.ts';
import { resultOf } from './seeds-result.ts';

/** What a group is played with; a test has others. */
export interface GroupMeans {
  readonly start: StartSeed;
  readonly wait: (ms: number) => Promise<unknown>;
}

/**
 * Trains once for each of several seeds, each run in a process of its own and some of them at a time: what ends one ends no
 * other. Each run has the bits of `train` alone with its seed. The processes end, and save, when this one is gone, however it went.
 * @throws AgentError INVALID_OPTION, CONFIG_MISMATCH, RUN_EXISTS, RUN_BUSY, RUN_LOST, RUN_NOT_FOUND, PROGRESS_FAILED,
 * NOT_WRITABLE, DISK_FULL, FILE_…; the signal's reason where it came before. A run that fails is in the result
 */
export function trainSeeds(request: SeedsRequest): Promise<SeedsResult> {
  return playGroup(request, { start: startSeedProcess, wait: sleep });
}

export async function playGroup(request: SeedsRequest, means: GroupMeans): Promise<SeedsResult> {
  checkSeedsRequest(request);
  request.signal?.throwIfAborted();
  const onWait = (message: string) => request.onEvent?.({ type: 'notice', seed: null, message });
  const group = await claimGroup(request, onWait);
  try {
    return await new GroupPlay(request, means, group).play();
  } finally {
    // What keeps the folder from being left must not hide the result; its lock ends with this process.
    await group.release().catch(() => undefined);
  }
}

/** A group that was killed leaves runs behind that save themselves. */
const orphanWait = { everyMs: 250, times: 120 };

class GroupPlay {
  readonly #request: SeedsRequest;
  readonly #means: GroupMeans;
  readonly #group: ClaimedGroup;
  readonly #runs = new Map<number, SeedRun>();
  readonly #own = new AbortController();
  readonly #stop: AbortSignal;
  readonly #live = new Set<SeedProcess>();
  #failure: AgentError | undefined;

  constructor(request: SeedsRequest, means: GroupMeans, group: ClaimedGroup) {
    this.#request = request;
    this.#means = means;
    this.#group = group;
    const { signal } = request;
    this.#stop = signal === undefined ? this.#own.signal : AbortSignal.any([signal, this.#own.signal]);
  }

  async play(): Promise<SeedsResult> {
    const { seeds } = this.#group;
    const ended = new Map<number, SeedRun>();
    for (const seed of seeds) {
      const run = await this.#findEnded(seed);
      if (run !== undefined) ended.set(seed, run);
    }
    const queue = seeds.filter((seed) => !ended.has(seed));
    const { parallel = usualParallel() } = this.#request;
    const runsAtATime = Math.min(parallel, queue.length);
    this.#tell({ type: 'group', seeds, runsAtATime });
    for (const run of ended.values()) this.#end(run);
    const over = this.#hearSignals();
    await Promise.all(Array.from({ length: runsAtATime }, () => this.#playQueue(queue, runsAtATime)));
    over.abort();
    if (this.#failure !== undefined) throw this.#failure;
    return resultOf(await Promise.all(seeds.map((seed) => this.#runOf(seed))));
  }

  /** One listener for all runs: Node warns of more than ten. @returns what ends it */
  #hearSignals(): AbortController {
    const over = new AbortController();
    const until = { signal: over.signal };
    this.#stop.addEventListener('abort', () => this.#live.forEach((run) => run.stop()), until);
    this.#request.killSignal?.addEventListener('abort', () => this.#live.forEach((run) => run.kill()), until);
    return over;
  }

  async #playQueue(queue: number[], runsAtATime: number): Promise<void> {
    while (!this.#stop.aborted) {
      const seed = queue.shift();
      if (seed === undefined) return;
      try {
        await this.#playRun(seed, runsAtATime);
      } catch (error) {
        this.#fail(error);
      }
    }
  }

  /** What is wrong with the group and not with a run: the others are stopped, and saved. */
  #fail(error: unknown): void {
    this.#failure ??=
      error instanceof AgentError
        ? error
        : new AgentError('TRAINING_FAILED', messageOf(error), { cause: error });
    this.#own.abort();
  }

  /** A run that is to be left alone. One that another process has may be about to end. */
  async #findEnded(seed: number): Promise<SeedRun | undefined> {
    const runFolder = this.#folderOf(seed);
    if ((await findLiveHolder(runFolder)) !== undefined) return undefined;
    const { end, figures } = await this.#stateOf(seed);
    if (end === undefined) return undefined;
    return { seed, runFolder, status: end, isUntouched: true, ...figures, warnings: [] };
  }

  async #playRun(seed: number, runsAtATime: number): Promise<void> {
    await this.#group.lock.check();
    await this.#waitForOrphan(seed);
    if (this.#stop.aborted) return;
    const ended = await this.#findEnded(seed);
    if (ended !== undefined) {
      this.#end(ended);
      return;
    }
    const runFolder = this.#folderOf(seed);
    const { hasBegun } = await this.#stateOf(seed);
    this.#tell({ type: 'begin', seed, runFolder, isResumed: hasBegun });
    const outcome = await this.#runProcess(this.#taskOf(seed, hasBegun, runsAtATime));
    const { figures } = await this.#stateOf(seed);
    this.#end({ seed, runFolder, isUntouched: false, ...figures, ...endOf(outcome) });
  }

  async #runProcess(task: SeedTask): Promise<SeedOutcome> {
    const { seed } = task.options;
    const { nodeFlags = [], killSignal } = this.#request;
    const listener = {
      event: (event: Extract<SeedsEvent, { type: 'progress' }>['event']) =>
        this.#tell({ type: 'progress', seed, event }),
      printed: (message: string) => this.#tell({ type: 'notice', seed, message }),
    };
    const started = this.#means.start(task, listener, nodeFlags);
    this.#live.add(started);
    if (this.#stop.aborted) started.stop();
    if (killSignal?.aborted === true) started.kill();
    const outcome = await started.outcome;
    this.#live.delete(started);
    return outcome;
  }

  async #waitForOrphan(seed: number): Promise<void> {
    const runFolder = this.#folderOf(seed);
    const { everyMs, times } = orphanWait;
    for (let tries = 0; tries < times && !this.#stop.aborted; tries++) {
      const holder = await findLiveHolder(runFolder);
      if (holder === undefined) return;
      const message = `waiting until process ${holder.pid} has saved the run`;
      if (tries === 0) this.#tell({ type: 'notice', seed, message });
      await this.#means.wait(everyMs);
    }
  }

  #taskOf(seed: number, resume: boolean, runsAtATime: number): SeedTask {
    const { server, envModule, takeOver = false, learner, learnerThreads } = this.#request;
    const source =
      envModule === undefined
        ? { server }
        : { module: String(envModule.module), data: envModule.data ?? null };
    const options = optionsOf(this.#group, seed);
    const runFolder = this.#folderOf(seed);
    return { source, options, runFolder, resume, takeOver, learner, learnerThreads, runsAtATime };
  }

  #stateOf(seed: number): Promise<SeedState> {
    return readSeedState(this.#folderOf(seed), optionsOf(this.#group, seed));
  }

  #folderOf(seed: number): string {
    return seedFolder(this.#request.groupFolder, seed);
  }

  #end(run: SeedRun): void {
    this.#runs.set(run.seed, run);
    this.#tell({ type: 'end', run });
  }

  /** One whose turn has not come may have begun before the group was stopped for the first time. */
  async #runOf(seed: number): Promise<SeedRun> {
    const run = this.#runs.get(seed);
    if (run !== undefined) return run;
    const { figures } = await this.#stateOf(seed);
    const runFolder = this.#folderOf(seed);
    return { seed, runFolder, status: 'waiting', isUntouched: true, ...figures, warnings: [] };
  }

  #tell(event: SeedsEvent): void {
    if (this.#failure?.code === 'PROGRESS_FAILED') return;
    try {
      const told = this.#request.onEvent?.(event);
      if (isThenable(told)) void Promise.resolve(told).catch((cause: unknown) => this.#failToTell(cause));
    } catch (cause) {
      this.#failToTell(cause);
    }
  }

  #failToTell(cause: unknown): void {
    const resumable = `the runs are saved; to go on, resume the group in ${this.#request.groupFolder}`;
    const message = `onEvent failed: ${messageOf(cause)} — ${resumable}`;
    this.#fail(new AgentError('PROGRESS_FAILED', message, { cause }));
  }
}

function endOf(outcome: SeedOutcome): Pick<SeedRun, 'status' | 'warnings' | 'failure'> {
  if (outcome.type === 'ended') return { status: outcome.status, warnings: outcome.warnings };
  return { status: 'failed', warnings: [], failure: outcome.failure };
}
