// Original file: proto/gymwire/v1/env_service.proto

import type { ProtocolVersion as _gymwire_v1_ProtocolVersion, ProtocolVersion__Output as _gymwire_v1_ProtocolVersion__Output } from '../../gymwire/v1/ProtocolVersion.ts';

export interface HandshakeRequest {
  'protocolVersion'?: (_gymwire_v1_ProtocolVersion | null);
  /**
   * Name and version of the client, for logs.
   */
  'client'?: (string);
}

export interface HandshakeRequest__Output {
  'protocolVersion': (_gymwire_v1_ProtocolVersion__Output | null);
  /**
   * Name and version of the client, for logs.
   */
  'client': (string);
}
