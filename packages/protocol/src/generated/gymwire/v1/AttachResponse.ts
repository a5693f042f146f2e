// Original file: proto/gymwire/v1/env_service.proto

import type { Long } from '@grpc/proto-loader';

export interface AttachResponse {
  /**
   * The sequence number of the session's last Reset or Step; 0: none yet.
   */
  'lastSequence'?: (number | string | Long);
}

export interface AttachResponse__Output {
  /**
   * The sequence number of the session's last Reset or Step; 0: none yet.
   */
  'lastSequence': (string);
}
