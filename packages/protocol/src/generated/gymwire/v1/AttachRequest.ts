// Original file: proto/gymwire/v1/env_service.proto


/**
 * The first message of a stream.
 */
export interface AttachRequest {
  'sessionId'?: (string);
  /**
   * Replaces a stream that is attached, which then ends with SESSION_BUSY: for a client that lost its connection
   * before the server noticed. Without it, SESSION_BUSY is the answer to this attach.
   */
  'takeOver'?: (boolean);
}

/**
 * The first message of a stream.
 */
export interface AttachRequest__Output {
  'sessionId': (string);
  /**
   * Replaces a stream that is attached, which then ends with SESSION_BUSY: for a client that lost its connection
   * before the server noticed. Without it, SESSION_BUSY is the answer to this attach.
   */
  'takeOver': (boolean);
}
