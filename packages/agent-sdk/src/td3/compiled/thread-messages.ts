import type { AgentErrorCode } from '../../errors.ts';
import type { LearnerMetrics, LearnerOptions } from '../learner.ts';
import type { LearnerState, NetworkState } from '../network-state.ts';
import type { CompiledDiagnostics } from './diagnostics.ts';

/** What the thread is started with. */
export interface ThreadData {
  readonly options: LearnerOptions;
  readonly initial: LearnerState;
  readonly diagnostics: CompiledDiagnostics | undefined;
  /** float32: a batch's columns and the target noise, end to end, filled before each `update` request. */
  readonly batch: SharedArrayBuffer;
}

/** The thread answers requests one by one, in the order in which they come. */
export type ThreadRequest =
  | { readonly kind: 'update' }
  | { readonly kind: 'readMetrics' }
  | { readonly kind: 'actorWeights' }
  | { readonly kind: 'exportState' }
  | { readonly kind: 'importState'; readonly state: LearnerState }
  | { readonly kind: 'dispose' };

/** What each request is answered with. */
export interface ThreadResults {
  readonly update: undefined;
  readonly readMetrics: LearnerMetrics;
  readonly actorWeights: NetworkState;
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
