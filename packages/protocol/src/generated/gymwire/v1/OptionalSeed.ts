// Original file: proto/gymwire/v1/env_service.proto

import type { Long } from '@grpc/proto-loader';

export interface OptionalSeed {
  'seed'?: (number | string | Long);
  '_seed'?: "seed";
}

export interface OptionalSeed__Output {
  'seed'?: (string);
  '_seed'?: "seed";
}
