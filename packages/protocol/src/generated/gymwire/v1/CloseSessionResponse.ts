// Original file: proto/gymwire/v1/env_service.proto


export interface CloseSessionResponse {
}

export interface CloseSessionResponse__Output {
}
