// Original file: proto/gymwire/v1/env_service.proto


/**
 * The first message of a stream.
 */
export interface AttachRequest {
  'sessionId'?: (string);
}

/**
 * The first message of a stream.
 */
export interface AttachRequest__Output {
  'sessionId': (string);
}
