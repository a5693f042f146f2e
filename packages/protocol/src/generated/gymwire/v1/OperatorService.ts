// Original file: proto/gymwire/v1/operator.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { EndSessionRequest as _gymwire_v1_EndSessionRequest, EndSessionRequest__Output as _gymwire_v1_EndSessionRequest__Output } from '../../gymwire/v1/EndSessionRequest.ts';
import type { EndSessionResponse as _gymwire_v1_EndSessionResponse, EndSessionResponse__Output as _gymwire_v1_EndSessionResponse__Output } from '../../gymwire/v1/EndSessionResponse.ts';
import type { ListSessionsRequest as _gymwire_v1_ListSessionsRequest, ListSessionsRequest__Output as _gymwire_v1_ListSessionsRequest__Output } from '../../gymwire/v1/ListSessionsRequest.ts';
import type { ListSessionsResponse as _gymwire_v1_ListSessionsResponse, ListSessionsResponse__Output as _gymwire_v1_ListSessionsResponse__Output } from '../../gymwire/v1/ListSessionsResponse.ts';

/**
 * The side of whoever runs a server: which sessions it holds, and an end for those that it should not hold.
 *
 * Served on the same port, and only where the server has an operator's token: every call carries that one as
 * `authorization: Bearer <token>`, never the token of the clients.
 */
export interface OperatorServiceClient extends grpc.Client {
  /**
   * Ends a session, also while a call of it is under way. Its client is told with SESSION_GONE that the operator
   * ended it. Fails with SESSION_GONE when no session has this handle.
   */
  EndSession(argument: _gymwire_v1_EndSessionRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_EndSessionResponse__Output>): grpc.ClientUnaryCall;
  EndSession(argument: _gymwire_v1_EndSessionRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_gymwire_v1_EndSessionResponse__Output>): grpc.ClientUnaryCall;
  EndSession(argument: _gymwire_v1_EndSessionRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_EndSessionResponse__Output>): grpc.ClientUnaryCall;
  EndSession(argument: _gymwire_v1_EndSessionRequest, callback: grpc.requestCallback<_gymwire_v1_EndSessionResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Ends a session, also while a call of it is under way. Its client is told with SESSION_GONE that the operator
   * ended it. Fails with SESSION_GONE when no session has this handle.
   */
  endSession(argument: _gymwire_v1_EndSessionRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_EndSessionResponse__Output>): grpc.ClientUnaryCall;
  endSession(argument: _gymwire_v1_EndSessionRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_gymwire_v1_EndSessionResponse__Output>): grpc.ClientUnaryCall;
  endSession(argument: _gymwire_v1_EndSessionRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_EndSessionResponse__Output>): grpc.ClientUnaryCall;
  endSession(argument: _gymwire_v1_EndSessionRequest, callback: grpc.requestCallback<_gymwire_v1_EndSessionResponse__Output>): grpc.ClientUnaryCall;

  /**
   * The sessions that are open, those made first before the others.
   */
  ListSessions(argument: _gymwire_v1_ListSessionsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_ListSessionsResponse__Output>): grpc.ClientUnaryCall;
  ListSessions(argument: _gymwire_v1_ListSessionsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_gymwire_v1_ListSessionsResponse__Output>): grpc.ClientUnaryCall;
  ListSessions(argument: _gymwire_v1_ListSessionsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_ListSessionsResponse__Output>): grpc.ClientUnaryCall;
  ListSessions(argument: _gymwire_v1_ListSessionsRequest, callback: grpc.requestCallback<_gymwire_v1_ListSessionsResponse__Output>): grpc.ClientUnaryCall;
  /**
   * The sessions that are open, those made first before the others.
   */
  listSessions(argument: _gymwire_v1_ListSessionsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_ListSessionsResponse__Output>): grpc.ClientUnaryCall;
  listSessions(argument: _gymwire_v1_ListSessionsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_gymwire_v1_ListSessionsResponse__Output>): grpc.ClientUnaryCall;
  listSessions(argument: _gymwire_v1_ListSessionsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_ListSessionsResponse__Output>): grpc.ClientUnaryCall;
  listSessions(argument: _gymwire_v1_ListSessionsRequest, callback: grpc.requestCallback<_gymwire_v1_ListSessionsResponse__Output>): grpc.ClientUnaryCall;

}

/**
 * The side of whoever runs a server: which sessions it holds, and an end for those that it should not hold.
 *
 * Served on the same port, and only where the server has an operator's token: every call carries that one as
 * `authorization: Bearer <token>`, never the token of the clients.
 */
export interface OperatorServiceHandlers extends grpc.UntypedServiceImplementation {
  /**
   * Ends a session, also while a call of it is under way. Its client is told with SESSION_GONE that the operator
   * ended it. Fails with SESSION_GONE when no session has this handle.
   */
  EndSession: grpc.handleUnaryCall<_gymwire_v1_EndSessionRequest__Output, _gymwire_v1_EndSessionResponse>;

  /**
   * The sessions that are open, those made first before the others.
   */
  ListSessions: grpc.handleUnaryCall<_gymwire_v1_ListSessionsRequest__Output, _gymwire_v1_ListSessionsResponse>;

}

export interface OperatorServiceDefinition extends grpc.ServiceDefinition {
  EndSession: MethodDefinition<_gymwire_v1_EndSessionRequest, _gymwire_v1_EndSessionResponse, _gymwire_v1_EndSessionRequest__Output, _gymwire_v1_EndSessionResponse__Output>
  ListSessions: MethodDefinition<_gymwire_v1_ListSessionsRequest, _gymwire_v1_ListSessionsResponse, _gymwire_v1_ListSessionsRequest__Output, _gymwire_v1_ListSessionsResponse__Output>
}
