// Original file: proto/gymwire/v1/env_service.proto

import type { ProtocolVersion as _gymwire_v1_ProtocolVersion, ProtocolVersion__Output as _gymwire_v1_ProtocolVersion__Output } from '../../gymwire/v1/ProtocolVersion.ts';

export interface HandshakeResponse {
  'protocolVersion'?: (_gymwire_v1_ProtocolVersion | null);
  /**
   * Name and version of the server, for logs and error messages.
   */
  'server'?: (string);
  /**
   * What this server offers beyond the core: `vector`, `render`, `reattach`, `calls` …
   */
  'capabilities'?: (string)[];
  /**
   * Caps that a client may want to know before it meets them.
   */
  'maxMessageBytes'?: (number);
  'maxNumEnvs'?: (number);
  /**
   * How many environments the server is meant to step at a time: of several servers, a client gives each its share in
   * proportion. Absent: it does not say.
   */
  'capacity'?: (number);
  /**
   * How many environments more could be made at this moment, in all sessions together. Absent: it does not say.
   */
  'freeEnvs'?: (number);
  '_capacity'?: "capacity";
  '_freeEnvs'?: "freeEnvs";
}

export interface HandshakeResponse__Output {
  'protocolVersion': (_gymwire_v1_ProtocolVersion__Output | null);
  /**
   * Name and version of the server, for logs and error messages.
   */
  'server': (string);
  /**
   * What this server offers beyond the core: `vector`, `render`, `reattach`, `calls` …
   */
  'capabilities': (string)[];
  /**
   * Caps that a client may want to know before it meets them.
   */
  'maxMessageBytes': (number);
  'maxNumEnvs': (number);
  /**
   * How many environments the server is meant to step at a time: of several servers, a client gives each its share in
   * proportion. Absent: it does not say.
   */
  'capacity'?: (number);
  /**
   * How many environments more could be made at this moment, in all sessions together. Absent: it does not say.
   */
  'freeEnvs'?: (number);
  '_capacity'?: "capacity";
  '_freeEnvs'?: "freeEnvs";
}
