// Original file: proto/gymwire/v1/env_service.proto


export interface ListEnvsRequest {
}

export interface ListEnvsRequest__Output {
}
