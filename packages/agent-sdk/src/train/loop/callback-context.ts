import { shown } from '@gymwire/protocol';
import type { CallbackContext, TrainCallback } from '../../callbacks/callback.ts';
import { AgentError } from '../../errors.ts';
import type { ResolvedTrainOptions } from '../../generated/train-options.ts';
import { checkLearningRates } from '../../options/option-schema.ts';
import type { LearningRates } from '../../td3/learner.ts';
import type { TrainingState } from './training-state.ts';

export type Method = Exclude<keyof TrainCallback, 'name' | 'usesClock' | 'interval'>;

const mostMetrics = 64;
const metricPattern = /^[A-Za-z][\w./-]{0,63}$/;

/** Where a run stands. */
interface Standing {
  readonly options: ResolvedTrainOptions;
  readonly state: TrainingState;
}

/** What a callback asks for in one call. */
export class Asked {
  readonly context: CallbackContext;
  stop: string | undefined;
  isEvaluation = false;
  isCheckpoint = false;
  rates: LearningRates | undefined;
  readonly metrics: Readonly<Record<string, number | null>>[] = [];
  #isOver = false;

  constructor({ options, state }: Standing, name: string, method: Method) {
    const { counters } = state;
    const allow = (what: string, isAlways = false) => {
      if (this.#isOver)
        throw invalid(`${what}: "${name}" asks after its call is over: wait for what it does, with await`);
      if (method === 'onCheckpoint' && !isAlways) {
        throw invalid(
          `${what}: not in onCheckpoint: all is saved by then, and a resume would not know of it`,
        );
      }
    };
    const ratesNow = () => this.rates ?? ratesOf(options, state);
    this.context = {
      options,
      envSteps: counters.envSteps,
      gradientSteps: counters.gradientSteps,
      episodes: counters.episodes,
      lastEvaluation: state.lastEvaluation,
      get learningRates() {
        return ratesNow();
      },
      stop: (reason) => {
        allow('stop', true);
        if (typeof reason !== 'string') throw invalid(`stop: expected a reason, got ${shown(reason)}`);
        this.stop ??= reason;
      },
      evaluate: () => {
        allow('evaluate');
        if (counters.lastEvaluationAt !== counters.envSteps) this.isEvaluation = true;
      },
      saveCheckpoint: () => {
        allow('saveCheckpoint');
        this.isCheckpoint = true;
      },
      setLearningRates: (rates) => {
        allow('setLearningRates');
        this.rates = checkLearningRates({ ...ratesNow(), ...rates });
      },
      addMetrics: (metrics) => {
        allow('addMetrics');
        checkMetrics(metrics);
        this.metrics.push({ ...metrics });
      },
    };
  }

  /** Nothing is taken any more. */
  end(): void {
    this.#isOver = true;
  }
}

/** The rates of now: those of the options, or those that a callback has set since. */
export function ratesOf(
  { actorLearningRate, criticLearningRate }: ResolvedTrainOptions,
  { learningRates }: Pick<TrainingState, 'learningRates'>,
): LearningRates {
  return learningRates ?? { actor: actorLearningRate, critic: criticLearningRate };
}

function checkMetrics(metrics: unknown): void {
  if (typeof metrics !== 'object' || metrics === null) {
    throw invalid(`addMetrics: expected numbers by name, { success_rate: 0.5 }, got ${shown(metrics)}`);
  }
  const entries = Object.entries(metrics);
  if (entries.length === 0 || entries.length > mostMetrics) {
    throw invalid(`addMetrics: expected 1 to ${mostMetrics} metrics, got ${entries.length}`);
  }
  for (const [name, value] of entries) {
    if (!metricPattern.test(name)) {
      throw invalid(
        `addMetrics: expected a name of letters, digits, "_", ".", "/" and "-", a letter first, got ${shown(name)}`,
      );
    }
    if (value === null || (typeof value === 'number' && Number.isFinite(value))) continue;
    throw invalid(`addMetrics: ${name}: expected a finite number, or null for no value, got ${shown(value)}`);
  }
}

function invalid(message: string): AgentError {
  return new AgentError('INVALID_OPTION', message);
}
