// Original file: proto/gymwire/v1/operator.proto


export interface EndSessionRequest {
  'handle'?: (string);
}

export interface EndSessionRequest__Output {
  'handle': (string);
}
