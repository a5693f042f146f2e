import type { AgentErrorCode } from '../../../errors.ts';
import type { LearnerMetrics, LearnerOptions, LearningRates } from '../../learner.ts';
import type { LearnerState } from '../../network-state.ts';
import type { CompiledDiagnostics } from '../diagnostics.ts';
import type { Twin } from '../in-process-learner.ts';
import type { ExchangeMemory } from './row-exchange.ts';

/** What the thread is started with. */
export interface ThreadData {
  readonly options: LearnerOptions;
  readonly initial: LearnerState;
  readonly diagnostics: CompiledDiagnostics | undefined;
  /** The critic that this thread has and where the two meet, if each has a thread. */
  readonly twin: { readonly role: Twin['role']; readonly exchange: ExchangeMemory } | undefined;
  /** float32: a batch and its target noise as `packBatch` lays them out, filled before each `update` request. */
  readonly batch: SharedArrayBuffer;
  /**
   * float32: what is small of the actor, then what is large; the same of its target. Up to date whenever the thread
   * that has the actor owes no answer.
   */
  readonly actor: SharedArrayBuffer;
  readonly actorTarget: SharedArrayBuffer;
}

/** The thread answers requests one by one, in the order in which they come. */
export type ThreadRequest =
  | { readonly kind: 'update' }
  | { readonly kind: 'readMetrics' }
  | { readonly kind: 'exportState' }
  | { readonly kind: 'importState'; readonly state: LearnerState }
  | { readonly kind: 'setLearningRates'; readonly rates: LearningRates }
  | { readonly kind: 'dispose' };

/** What each request is answered with. */
export interface ThreadResults {
  readonly update: undefined;
  readonly readMetrics: LearnerMetrics;
  readonly exportState: LearnerState;
  readonly importState: undefined;
  readonly setLearningRates: undefined;
  readonly dispose: undefined;
}

/** An answer; also the first message, when the learner stands (`value` is its description) or could not be made. */
export type ThreadResponse =
  | { readonly kind: 'done'; readonly value: ThreadResults[keyof ThreadResults] | string }
  | {
      readonly kind: 'failed';
      /** The code, if it was an AgentError. */
      readonly code: AgentErrorCode | undefined;
      readonly message: string;
      readonly stack: string | undefined;
    };
