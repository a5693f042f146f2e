// Original file: proto/gymwire/v1/env_service.proto


export interface CloseSessionRequest {
  'sessionId'?: (string);
}

export interface CloseSessionRequest__Output {
  'sessionId': (string);
}
