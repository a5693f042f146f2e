// Original file: proto/gymwire/v1/operator.proto

import type { SessionSummary as _gymwire_v1_SessionSummary, SessionSummary__Output as _gymwire_v1_SessionSummary__Output } from '../../gymwire/v1/SessionSummary.ts';

export interface EndSessionResponse {
  /**
   * As it was when it ended.
   */
  'session'?: (_gymwire_v1_SessionSummary | null);
}

export interface EndSessionResponse__Output {
  /**
   * As it was when it ended.
   */
  'session': (_gymwire_v1_SessionSummary__Output | null);
}
