import { messageOf } from '@gymwire/protocol';
import type { CallbackState, TrainCallback } from '../../callbacks/callback.ts';
import { checkCallbackState } from '../../callbacks/callback-state.ts';
import type { SavedCallbacks } from '../../checkpoint/checkpoint.ts';
import { AgentError } from '../../errors.ts';
import type { ResolvedTrainOptions } from '../../generated/train-options.ts';
import type { EpisodeMetrics, EvaluationMetrics, TrainingMetrics } from '../../run-folder/metrics.ts';
import type { Learner } from '../../td3/learner.ts';
import type { Recorder } from '../report/recorder.ts';
import { Asked, type Method } from './callback-context.ts';
import { nextMultiple } from './next-multiple.ts';
import { optionCallbacks } from './option-callbacks.ts';
import type { TrainingState } from './training-state.ts';

/** Who stopped a run, and why. */
export interface StopRequest {
  readonly callback: string;
  readonly reason: string;
}

/** What callbacks act on. */
interface CallbackTargets {
  readonly options: ResolvedTrainOptions;
  readonly state: TrainingState;
  readonly learner: Pick<Learner, 'setLearningRates'>;
  readonly recorder: Recorder;
}

interface Entry {
  readonly callback: TrainCallback;
  readonly isBuiltIn: boolean;
  /** Environment steps up to which it was told of steps and intervals. */
  toldAt: number;
  /** What it said last. */
  state: CallbackState | undefined;
}

/** Calls callbacks one after the other, and does what they ask for. Between its calls nothing of theirs is under way. */
export class CallbackHost {
  readonly #targets: CallbackTargets;
  readonly #entries: readonly Entry[];
  /** Steps at which somebody is to be told next; beyond all numbers where nobody asks. */
  #dueAt: number;
  #stop: StopRequest | undefined;
  /** Steps at which a checkpoint was asked for. */
  #checkpointAt: number | undefined;
  #isMuted = false;

  constructor(callbacks: readonly TrainCallback[], targets: CallbackTargets) {
    this.#targets = targets;
    const { envSteps: toldAt } = targets.state.counters;
    const entry = (callback: TrainCallback, isBuiltIn: boolean): Entry => {
      return { callback, isBuiltIn, toldAt, state: undefined };
    };
    this.#entries = [
      ...optionCallbacks(targets.options, targets.state).map((callback) => entry(callback, true)),
      ...callbacks.map((callback) => entry(callback, false)),
    ];
    this.#dueAt = this.#nextDue();
  }

  /** Who stopped the run. */
  get stopped(): StopRequest | undefined {
    return this.#stop;
  }

  /** `solved` where it was the run's own option. */
  get stopStatus(): 'solved' | 'stopped' {
    const isOwn = this.#entries.some(
      ({ isBuiltIn, callback }) => isBuiltIn && callback.name === this.#stop?.callback,
    );
    return isOwn ? 'solved' : 'stopped';
  }

  /** True where somebody decides by what an evaluation says: it must be known before the next step. */
  get awaitsEvaluations(): boolean {
    return this.#entries.some(({ callback }) => callback.onEvaluation !== undefined);
  }

  /** Nobody is told or asked any more, but for their state, as far as they give it. */
  mute(): void {
    this.#isMuted = true;
  }

  /**
   * Takes over what a checkpoint holds, which `checkSavedCallbacks` has seen.
   * @returns what begins afresh, for people
   * @throws AgentError CALLBACK_FAILED
   */
  async restore(saved: SavedCallbacks): Promise<string[]> {
    const afresh: string[] = [];
    for (const entry of this.#entries) {
      const { callback, isBuiltIn } = entry;
      const found = Object.hasOwn(saved, callback.name) ? saved[callback.name] : undefined;
      if (isBuiltIn || found === undefined) continue;
      entry.toldAt = found.toldAt;
      const state = found.state as CallbackState | undefined;
      if (state === undefined) continue;
      if (callback.restore === undefined) {
        afresh.push(`callback "${callback.name}" begins afresh: it has no restore`);
        continue;
      }
      entry.state = state;
      await this.#guard(entry, 'restore', () => callback.restore?.(state));
    }
    this.#dueAt = this.#nextDue();
    return afresh;
  }

  /** What belongs into a checkpoint; undefined: there are no callbacks. @throws AgentError CALLBACK_FAILED */
  async exportState(): Promise<SavedCallbacks | undefined> {
    const saved: Record<string, SavedCallbacks[string]> = {};
    for (const entry of this.#entries) {
      const { callback, isBuiltIn, toldAt } = entry;
      if (isBuiltIn) continue;
      if (callback.state !== undefined) await this.#readState(entry);
      saved[callback.name] = { toldAt, ...(entry.state !== undefined && { state: entry.state }) };
    }
    return Object.keys(saved).length === 0 ? undefined : saved;
  }

  start(): Promise<void> {
    return this.#tellAll('onStart');
  }

  /** Between two rounds; where nobody is due, one comparison. */
  step(): Promise<void> | undefined {
    return this.#targets.state.counters.envSteps < this.#dueAt ? undefined : this.#tellSteps();
  }

  episode(episode: EpisodeMetrics): Promise<void> | undefined {
    return this.#has('onEpisode') ? this.#tellAll('onEpisode', episode) : undefined;
  }

  training(metrics: TrainingMetrics): Promise<void> {
    return this.#tellAll('onTraining', metrics);
  }

  evaluation(metrics: EvaluationMetrics): Promise<void> {
    return this.#tellAll('onEvaluation', metrics);
  }

  checkpoint(path: string): Promise<void> {
    return this.#tellAll('onCheckpoint', { path });
  }

  end(status: string): Promise<void> {
    return this.#tellAll('onEnd', { status });
  }

  /** Returns whether a checkpoint was asked for since it was last asked here. */
  takeCheckpoint(): boolean {
    const isAsked = this.#checkpointAt !== undefined;
    this.#checkpointAt = undefined;
    return isAsked;
  }

  #has(method: Method): boolean {
    return this.#entries.some(({ callback }) => callback[method] !== undefined);
  }

  #nextDue(): number {
    const due = this.#entries.map(({ callback: { onStep, interval }, toldAt }) => {
      if (onStep !== undefined) return toldAt + 1;
      return interval === undefined ? Number.POSITIVE_INFINITY : nextMultiple(toldAt, interval);
    });
    return Math.min(Number.POSITIVE_INFINITY, ...due);
  }

  async #tellSteps(): Promise<void> {
    const { envSteps } = this.#targets.state.counters;
    for (const entry of this.#entries) {
      const { callback, toldAt } = entry;
      const { interval } = callback;
      const passesMultiple = interval !== undefined && nextMultiple(toldAt, interval) <= envSteps;
      if (toldAt >= envSteps || (callback.onStep === undefined && !passesMultiple)) continue;
      // Before: one that fails is not told of the same step again when the run goes on.
      entry.toldAt = envSteps;
      if (callback.onStep !== undefined) await this.#call(entry, 'onStep');
      if (passesMultiple) await this.#call(entry, 'onInterval');
    }
    this.#dueAt = this.#nextDue();
  }

  async #tellAll(method: Method, told?: object): Promise<void> {
    for (const entry of this.#entries) {
      if (entry.callback[method] !== undefined) await this.#call(entry, method, told);
    }
  }

  async #call(entry: Entry, method: Method, told?: object): Promise<void> {
    if (this.#isMuted) return;
    const asked = new Asked(this.#targets, entry.callback.name, method);
    await this.#guard(entry, method, async () => {
      const call = entry.callback[method] as (this: TrainCallback, ...args: unknown[]) => unknown;
      await call.call(entry.callback, asked.context, told);
    });
    asked.end();
    await this.#do(entry, asked);
  }

  async #do(
    { callback: { name } }: Entry,
    { stop, isEvaluation, isCheckpoint, rates, metrics }: Asked,
  ): Promise<void> {
    const { state, learner, recorder } = this.#targets;
    for (const each of metrics) await recorder.recordCustom(name, each);
    if (rates !== undefined) {
      await learner.setLearningRates(rates);
      state.learningRates = rates;
      await recorder.recordEvent({ type: 'learningRates', callback: name, ...rates });
    }
    // Due as one of the option's intervals is, and so until it is entered, also when the run is stopped meanwhile.
    if (isEvaluation) state.counters.nextEvaluationAt = state.counters.envSteps;
    if (isCheckpoint) this.#checkpointAt = state.counters.envSteps;
    if (stop !== undefined && this.#stop === undefined) {
      this.#stop = { callback: name, reason: stop };
      await recorder.recordEvent({ type: 'stopped', callback: name, reason: stop });
    }
  }

  async #readState(entry: Entry): Promise<void> {
    try {
      await this.#guard(entry, 'state', async () => {
        const state = await entry.callback.state?.();
        checkCallbackState(entry.callback.name, state);
        entry.state = state;
      });
    } catch (error) {
      // What was learnt is saved all the same, with what it said last.
      if (!this.#isMuted) throw error;
    }
  }

  async #guard({ callback: { name } }: Entry, method: Method, work: () => unknown): Promise<void> {
    try {
      await work();
    } catch (cause) {
      const reason = messageOf(cause);
      throw new AgentError('CALLBACK_FAILED', `callback "${name}" failed in ${method}: ${reason}`, { cause });
    }
  }
}
