// Original file: proto/gymwire/v1/operator.proto

import type { Long } from '@grpc/proto-loader';

/**
 * A session as an operator sees it. Nothing in it lets anybody use the session.
 */
export interface SessionSummary {
  /**
   * Names the session here: the first 12 hexadecimal digits (lower case) of the SHA-256 of its id.
   */
  'handle'?: (string);
  'envId'?: (string);
  /**
   * Absent: a single environment.
   */
  'numEnvs'?: (number);
  /**
   * Address and port that made it, as the server sees them.
   */
  'peer'?: (string);
  /**
   * What the client that made it says it is (its `user-agent`), shortened. Whoever prints it must expect anything.
   */
  'client'?: (string);
  /**
   * Since it was made.
   */
  'ageMs'?: (number | string | Long);
  /**
   * Since its last call ended; 0 while one is under way.
   */
  'idleMs'?: (number | string | Long);
  /**
   * A stream holds it.
   */
  'attached'?: (boolean);
  /**
   * How long its present call has been in the simulator; 0: none is under way.
   */
  'busyMs'?: (number | string | Long);
  /**
   * Resets, steps and renders so far.
   */
  'calls'?: (number | string | Long);
  '_numEnvs'?: "numEnvs";
}

/**
 * A session as an operator sees it. Nothing in it lets anybody use the session.
 */
export interface SessionSummary__Output {
  /**
   * Names the session here: the first 12 hexadecimal digits (lower case) of the SHA-256 of its id.
   */
  'handle': (string);
  'envId': (string);
  /**
   * Absent: a single environment.
   */
  'numEnvs'?: (number);
  /**
   * Address and port that made it, as the server sees them.
   */
  'peer': (string);
  /**
   * What the client that made it says it is (its `user-agent`), shortened. Whoever prints it must expect anything.
   */
  'client': (string);
  /**
   * Since it was made.
   */
  'ageMs': (string);
  /**
   * Since its last call ended; 0 while one is under way.
   */
  'idleMs': (string);
  /**
   * A stream holds it.
   */
  'attached': (boolean);
  /**
   * How long its present call has been in the simulator; 0: none is under way.
   */
  'busyMs': (string);
  /**
   * Resets, steps and renders so far.
   */
  'calls': (string);
  '_numEnvs'?: "numEnvs";
}
