// Original file: proto/gymwire/v1/operator.proto


export interface ListSessionsRequest {
}

export interface ListSessionsRequest__Output {
}
