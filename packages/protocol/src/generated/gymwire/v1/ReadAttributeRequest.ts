// Original file: proto/gymwire/v1/env_service.proto


export interface ReadAttributeRequest {
  'sessionId'?: (string);
  'name'?: (string);
  /**
   * As of a CallMethodRequest.
   */
  'envIndices'?: (number)[];
}

export interface ReadAttributeRequest__Output {
  'sessionId': (string);
  'name': (string);
  /**
   * As of a CallMethodRequest.
   */
  'envIndices': (number)[];
}
