// Original file: proto/gymwire/v1/operator.proto

import type { SessionSummary as _gymwire_v1_SessionSummary, SessionSummary__Output as _gymwire_v1_SessionSummary__Output } from '../../gymwire/v1/SessionSummary.ts';

export interface ListSessionsResponse {
  'sessions'?: (_gymwire_v1_SessionSummary)[];
  /**
   * How many the server holds at most.
   */
  'maxSessions'?: (number);
}

export interface ListSessionsResponse__Output {
  'sessions': (_gymwire_v1_SessionSummary__Output)[];
  /**
   * How many the server holds at most.
   */
  'maxSessions': (number);
}
