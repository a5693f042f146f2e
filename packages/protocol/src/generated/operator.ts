import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { EndSessionRequest as _gymwire_v1_EndSessionRequest, EndSessionRequest__Output as _gymwire_v1_EndSessionRequest__Output } from './gymwire/v1/EndSessionRequest.ts';
import type { EndSessionResponse as _gymwire_v1_EndSessionResponse, EndSessionResponse__Output as _gymwire_v1_EndSessionResponse__Output } from './gymwire/v1/EndSessionResponse.ts';
import type { ListSessionsRequest as _gymwire_v1_ListSessionsRequest, ListSessionsRequest__Output as _gymwire_v1_ListSessionsRequest__Output } from './gymwire/v1/ListSessionsRequest.ts';
import type { ListSessionsResponse as _gymwire_v1_ListSessionsResponse, ListSessionsResponse__Output as _gymwire_v1_ListSessionsResponse__Output } from './gymwire/v1/ListSessionsResponse.ts';
import type { OperatorServiceClient as _gymwire_v1_OperatorServiceClient, OperatorServiceDefinition as _gymwire_v1_OperatorServiceDefinition } from './gymwire/v1/OperatorService.ts';
import type { SessionSummary as _gymwire_v1_SessionSummary, SessionSummary__Output as _gymwire_v1_SessionSummary__Output } from './gymwire/v1/SessionSummary.ts';

type SubtypeConstructor<Constructor extends new (...args: never) => unknown, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  gymwire: {
    v1: {
      EndSessionRequest: MessageTypeDefinition<_gymwire_v1_EndSessionRequest, _gymwire_v1_EndSessionRequest__Output>
      EndSessionResponse: MessageTypeDefinition<_gymwire_v1_EndSessionResponse, _gymwire_v1_EndSessionResponse__Output>
      ListSessionsRequest: MessageTypeDefinition<_gymwire_v1_ListSessionsRequest, _gymwire_v1_ListSessionsRequest__Output>
      ListSessionsResponse: MessageTypeDefinition<_gymwire_v1_ListSessionsResponse, _gymwire_v1_ListSessionsResponse__Output>
      /**
       * The side of whoever runs a server: which sessions it holds, and an end for those that it should not hold.
       *
       * Served on the same port, and only where the server has an operator's token: every call carries that one as
       * `authorization: Bearer <token>`, never the token of the clients.
       */
      OperatorService: SubtypeConstructor<typeof grpc.Client, _gymwire_v1_OperatorServiceClient> & { service: _gymwire_v1_OperatorServiceDefinition }
      SessionSummary: MessageTypeDefinition<_gymwire_v1_SessionSummary, _gymwire_v1_SessionSummary__Output>
    }
  }
}

