// Original file: proto/gymwire/v1/env_service.proto


export interface RenderRequest {
  'sessionId'?: (string);
  'envIndex'?: (number);
}

export interface RenderRequest__Output {
  'sessionId': (string);
  'envIndex': (number);
}
