import type { EvaluationSummary, PolicySnapshot } from '../../policy/policy-snapshot.ts';
import type { WatchedEvaluation } from '../watch/evaluate-actor.ts';
import type { EvaluatedCritics } from '../watch/value-trace.ts';
import { nextMultiple } from './next-multiple.ts';
import type { PartClock } from './part-clock.ts';
import type { TrainingParts } from './training-parts.ts';
import { checkFinite } from './training-state.ts';

/** The moment of the run that an evaluation is of. */
export interface EvaluationMoment {
  readonly envSteps: number;
  readonly gradientSteps: number;
  /** The actor as it is deployed; of an evaluation in its turn it is taken when it is needed. */
  readonly snapshot: PolicySnapshot | undefined;
}

/** An evaluation that goes on while training does. */
interface UnderWay {
  readonly moment: EvaluationMoment;
  /** Resolves whatever comes of it. */
  readonly over: Promise<void>;
  outcome: { readonly evaluation: WatchedEvaluation } | { readonly fault: unknown } | undefined;
}

/**
 * Evaluations every evaluationInterval steps and at the end: in turns with training, or alongside it. One alongside plays the actor
 * as it was at its moment, and what it found is entered at that moment's place of the metrics: both ways leave the same files.
 */
export class Evaluations {
  readonly #parts: TrainingParts;
  readonly #clock: PartClock;
  #underWay: UnderWay | undefined;

  constructor(parts: TrainingParts, clock: PartClock) {
    this.#parts = parts;
    this.#clock = clock;
  }

  /** Evaluates, or begins to; enters what has come of the one before. An evaluation that the signal cuts off never happened. */
  async runIfDue(): Promise<void> {
    if (this.#underWay?.outcome !== undefined) await this.finish();
    if (!this.#isDue) return;
    await this.finish();
    // Saturated actors play on with ±1, whatever became of the numbers behind them.
    const learner = await this.#parts.learner.exportState();
    checkFinite(learner);
    const { options, state } = this.#parts;
    const normalizer = state.observationStatistics?.normalizer();
    const critics = { critics: learner.critics, normalizer, gamma: options.gamma };
    const { envSteps, gradientSteps } = state.counters;
    const next = nextMultiple(envSteps, options.evaluationInterval);
    // What it decides must be known before the next step.
    if (this.#parts.evaluatesAlongside && !this.#parts.callbacks.awaitsEvaluations) {
      this.#begin({ envSteps, gradientSteps, snapshot: await this.#parts.snapshot() }, critics);
      state.counters.nextEvaluationAt = next;
      return;
    }
    const { evaluate, actor } = this.#parts;
    let evaluation: WatchedEvaluation;
    try {
      evaluation = await this.#clock.time('evaluation', () => evaluate(actor, critics, envSteps));
    } catch (error) {
      if (this.#isAborted) return;
      throw error;
    }
    state.counters.nextEvaluationAt = next;
    await this.#enter(evaluation, { envSteps, gradientSteps, snapshot: undefined });
  }

  /** Waits for the evaluation under way, if there is one, and enters it. @throws what it failed with */
  async finish(): Promise<void> {
    const underWay = this.#underWay;
    if (underWay === undefined) return;
    await this.#clock.time('evaluation', () => underWay.over);
    this.#underWay = undefined;
    const { recorder, state } = this.#parts;
    const { outcome, moment } = underWay;
    if (outcome !== undefined && 'evaluation' in outcome) {
      recorder.enterHeld();
      await this.#enter(outcome.evaluation, moment);
      await recorder.releaseHeld();
      return;
    }
    // It is due again at once where the run goes on.
    state.counters.nextEvaluationAt = moment.envSteps;
    await recorder.releaseHeld();
    if (outcome !== undefined && !this.#isAborted) throw outcome.fault;
  }

  get #isAborted(): boolean {
    return this.#parts.signal?.aborted === true;
  }

  get #isDue(): boolean {
    const { options, state } = this.#parts;
    const { envSteps, lastEvaluationAt, nextEvaluationAt } = state.counters;
    if (envSteps >= nextEvaluationAt) return true;
    return envSteps >= options.totalEnvSteps && lastEvaluationAt !== envSteps;
  }

  #begin(moment: EvaluationMoment, critics: EvaluatedCritics): void {
    const { evaluate, recorder, actor } = this.#parts;
    recorder.hold();
    const underWay: UnderWay = {
      moment,
      outcome: undefined,
      over: evaluate(actor.frozen(), critics, moment.envSteps).then(
        (evaluation) => void (underWay.outcome = { evaluation }),
        (fault: unknown) => void (underWay.outcome = { fault }),
      ),
    };
    this.#underWay = underWay;
  }

  async #enter({ result, fault, values }: WatchedEvaluation, moment: EvaluationMoment): Promise<void> {
    const { state, folder, recorder, callbacks } = this.#parts;
    const { counters } = state;
    const { episodes, meanReturn, stdReturn, meanLength } = result;
    counters.lastEvaluationAt = moment.envSteps;
    state.lastEvaluation = { episodes, meanReturn, stdReturn, meanLength };
    const isBest = meanReturn > (state.best?.evaluation?.meanReturn ?? -Infinity);
    if (isBest) {
      state.best = await this.#evaluated(moment, state.lastEvaluation);
      await folder?.writePolicy('bestPolicy', state.best);
    }
    const metrics = await recorder.recordEvaluation({ result, values }, isBest, moment);
    for (const code of ['ACTOR_SATURATED', 'ACTOR_CONSTANT'] as const) {
      await recorder.recordHealth(code, fault?.code === code ? fault.message : undefined, moment.envSteps);
    }
    await callbacks.evaluation(metrics);
  }

  async #evaluated({ snapshot }: EvaluationMoment, evaluation: EvaluationSummary): Promise<PolicySnapshot> {
    if (snapshot === undefined) return this.#parts.snapshot();
    // In the order in which a snapshot of the moment itself has them: files of equal runs are equal.
    const { configHash, ...known } = snapshot;
    return { ...known, evaluation, configHash };
  }
}
