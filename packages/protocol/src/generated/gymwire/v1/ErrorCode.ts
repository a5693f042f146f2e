// Original file: proto/gymwire/v1/error.proto

/**
 * Why a call failed. The stable part of an error: messages may be reworded, codes are never reused.
 */
export const ErrorCode = {
  ERROR_CODE_UNSPECIFIED: 'ERROR_CODE_UNSPECIFIED',
  /**
   * Client and server speak protocol versions that do not fit; the message names both.
   */
  ERROR_CODE_VERSION_MISMATCH: 'ERROR_CODE_VERSION_MISMATCH',
  /**
   * The env id is not served here.
   */
  ERROR_CODE_UNKNOWN_ENV: 'ERROR_CODE_UNKNOWN_ENV',
  /**
   * A keyword argument that the env does not list.
   */
  ERROR_CODE_UNKNOWN_ARGUMENT: 'ERROR_CODE_UNKNOWN_ARGUMENT',
  /**
   * A listed keyword argument, or a request field, of the wrong type or outside its range.
   */
  ERROR_CODE_INVALID_ARGUMENT: 'ERROR_CODE_INVALID_ARGUMENT',
  /**
   * The server holds as many sessions or environments as it is allowed to.
   */
  ERROR_CODE_CAPACITY: 'ERROR_CODE_CAPACITY',
  /**
   * No such session: never made, closed, reaped, or lost with its server.
   */
  ERROR_CODE_SESSION_GONE: 'ERROR_CODE_SESSION_GONE',
  /**
   * Another stream is attached to the session, or has taken it over from this one.
   */
  ERROR_CODE_SESSION_BUSY: 'ERROR_CODE_SESSION_BUSY',
  /**
   * step or render before the first reset, or step after the end of an episode without one.
   */
  ERROR_CODE_NOT_RESET: 'ERROR_CODE_NOT_RESET',
  /**
   * The action has the wrong structure, shape or dtype.
   */
  ERROR_CODE_BAD_ACTION: 'ERROR_CODE_BAD_ACTION',
  /**
   * The action holds a NaN or an infinity.
   */
  ERROR_CODE_NON_FINITE_ACTION: 'ERROR_CODE_NON_FINITE_ACTION',
  /**
   * The action is outside the action space, in a session that rejects such actions.
   */
  ERROR_CODE_ACTION_OUT_OF_BOUNDS: 'ERROR_CODE_ACTION_OUT_OF_BOUNDS',
  /**
   * The sequence number is neither the next one nor the last one answered.
   */
  ERROR_CODE_BAD_SEQUENCE: 'ERROR_CODE_BAD_SEQUENCE',
  /**
   * The simulator failed; the message is its own.
   */
  ERROR_CODE_ENV_FAILED: 'ERROR_CODE_ENV_FAILED',
  /**
   * The simulator returned a non-finite observation or reward.
   */
  ERROR_CODE_NON_FINITE_OBSERVATION: 'ERROR_CODE_NON_FINITE_OBSERVATION',
  /**
   * The session or the env does not offer what was asked for.
   */
  ERROR_CODE_UNSUPPORTED: 'ERROR_CODE_UNSUPPORTED',
  /**
   * No token, or a wrong one.
   */
  ERROR_CODE_UNAUTHENTICATED: 'ERROR_CODE_UNAUTHENTICATED',
  /**
   * The server is shutting down.
   */
  ERROR_CODE_SHUTTING_DOWN: 'ERROR_CODE_SHUTTING_DOWN',
  /**
   * A message that does not follow the protocol.
   */
  ERROR_CODE_MALFORMED: 'ERROR_CODE_MALFORMED',
  /**
   * A fault in the server itself; its log has the details.
   */
  ERROR_CODE_INTERNAL: 'ERROR_CODE_INTERNAL',
} as const;

/**
 * Why a call failed. The stable part of an error: messages may be reworded, codes are never reused.
 */
export type ErrorCode =
  | 'ERROR_CODE_UNSPECIFIED'
  | 0
  /**
   * Client and server speak protocol versions that do not fit; the message names both.
   */
  | 'ERROR_CODE_VERSION_MISMATCH'
  | 1
  /**
   * The env id is not served here.
   */
  | 'ERROR_CODE_UNKNOWN_ENV'
  | 2
  /**
   * A keyword argument that the env does not list.
   */
  | 'ERROR_CODE_UNKNOWN_ARGUMENT'
  | 3
  /**
   * A listed keyword argument, or a request field, of the wrong type or outside its range.
   */
  | 'ERROR_CODE_INVALID_ARGUMENT'
  | 4
  /**
   * The server holds as many sessions or environments as it is allowed to.
   */
  | 'ERROR_CODE_CAPACITY'
  | 5
  /**
   * No such session: never made, closed, reaped, or lost with its server.
   */
  | 'ERROR_CODE_SESSION_GONE'
  | 6
  /**
   * Another stream is attached to the session, or has taken it over from this one.
   */
  | 'ERROR_CODE_SESSION_BUSY'
  | 7
  /**
   * step or render before the first reset, or step after the end of an episode without one.
   */
  | 'ERROR_CODE_NOT_RESET'
  | 8
  /**
   * The action has the wrong structure, shape or dtype.
   */
  | 'ERROR_CODE_BAD_ACTION'
  | 9
  /**
   * The action holds a NaN or an infinity.
   */
  | 'ERROR_CODE_NON_FINITE_ACTION'
  | 10
  /**
   * The action is outside the action space, in a session that rejects such actions.
   */
  | 'ERROR_CODE_ACTION_OUT_OF_BOUNDS'
  | 11
  /**
   * The sequence number is neither the next one nor the last one answered.
   */
  | 'ERROR_CODE_BAD_SEQUENCE'
  | 12
  /**
   * The simulator failed; the message is its own.
   */
  | 'ERROR_CODE_ENV_FAILED'
  | 13
  /**
   * The simulator returned a non-finite observation or reward.
   */
  | 'ERROR_CODE_NON_FINITE_OBSERVATION'
  | 14
  /**
   * The session or the env does not offer what was asked for.
   */
  | 'ERROR_CODE_UNSUPPORTED'
  | 15
  /**
   * No token, or a wrong one.
   */
  | 'ERROR_CODE_UNAUTHENTICATED'
  | 16
  /**
   * The server is shutting down.
   */
  | 'ERROR_CODE_SHUTTING_DOWN'
  | 17
  /**
   * A message that does not follow the protocol.
   */
  | 'ERROR_CODE_MALFORMED'
  | 18
  /**
   * A fault in the server itself; its log has the details.
   */
  | 'ERROR_CODE_INTERNAL'
  | 19

/**
 * Why a call failed. The stable part of an error: messages may be reworded, codes are never reused.
 */
export type ErrorCode__Output = typeof ErrorCode[keyof typeof ErrorCode]
