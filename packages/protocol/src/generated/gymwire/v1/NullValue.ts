// Original file: proto/gymwire/v1/value.proto


export interface NullValue {
}

export interface NullValue__Output {
}
