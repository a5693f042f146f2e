import type { AgentErrorCode } from '../../errors.ts';
import type { LearnerMetrics, LearnerOptions } from '../learner.ts';
import type { LearnerState } from '../network-state.ts';
import type { CompiledDiagnostics } from './diagnostics.ts';

/** What the thread is started with. */
export interface ThreadData {
  readonly options: LearnerOptions;
  readonly initial: LearnerState;
  readonly diagnostics: CompiledDiagnostics | undefined;
  /** float32: a batch and its target noise as `packBatch` lays them out, filled before each `update` request. */
  readonly batch: SharedArrayBuffer;
  /** float32: what is small of the actor, then what is large; up to date whenever the thread owes no answer. */
  readonly actor: SharedArrayBuffer;
}

/** The thread answers requests one by one, in the order in which they come. */
export type ThreadRequest =
  | { readonly kind: 'update' }
  | { readonly kind: 'readMetrics' }
  | { readonly kind: 'exportState' }
  | { readonly kind: 'importState'; readonly state: LearnerState }
  | { readonly kind: 'dispose' };

/** What each request is answered with. */
export interface ThreadResults {
  readonly update: undefined;
  readonly readMetrics: LearnerMetrics;
  readonly exportState: LearnerState;
  readonly importState: undefined;
  readonly dispose: undefined;
}

/** Also the first message of all, when the learner stands (its value is its description) or could not be made. */
export type ThreadResponse =
  | { readonly kind: 'done'; readonly value: ThreadResults[keyof ThreadResults] | string }
  | {
      readonly kind: 'failed';
      /** Of an AgentError. */
      readonly code: AgentErrorCode | undefined;
      readonly message: string;
      readonly stack: string | undefined;
    };
