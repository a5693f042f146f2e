// Original file: proto/gymwire/v1/env_service.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { CallMethodRequest as _gymwire_v1_CallMethodRequest, CallMethodRequest__Output as _gymwire_v1_CallMethodRequest__Output } from '../../gymwire/v1/CallMethodRequest.ts';
import type { CallMethodResponse as _gymwire_v1_CallMethodResponse, CallMethodResponse__Output as _gymwire_v1_CallMethodResponse__Output } from '../../gymwire/v1/CallMethodResponse.ts';
import type { CloseSessionRequest as _gymwire_v1_CloseSessionRequest, CloseSessionRequest__Output as _gymwire_v1_CloseSessionRequest__Output } from '../../gymwire/v1/CloseSessionRequest.ts';
import type { CloseSessionResponse as _gymwire_v1_CloseSessionResponse, CloseSessionResponse__Output as _gymwire_v1_CloseSessionResponse__Output } from '../../gymwire/v1/CloseSessionResponse.ts';
import type { HandshakeRequest as _gymwire_v1_HandshakeRequest, HandshakeRequest__Output as _gymwire_v1_HandshakeRequest__Output } from '../../gymwire/v1/HandshakeRequest.ts';
import type { HandshakeResponse as _gymwire_v1_HandshakeResponse, HandshakeResponse__Output as _gymwire_v1_HandshakeResponse__Output } from '../../gymwire/v1/HandshakeResponse.ts';
import type { InteractRequest as _gymwire_v1_InteractRequest, InteractRequest__Output as _gymwire_v1_InteractRequest__Output } from '../../gymwire/v1/InteractRequest.ts';
import type { InteractResponse as _gymwire_v1_InteractResponse, InteractResponse__Output as _gymwire_v1_InteractResponse__Output } from '../../gymwire/v1/InteractResponse.ts';
import type { ListEnvsRequest as _gymwire_v1_ListEnvsRequest, ListEnvsRequest__Output as _gymwire_v1_ListEnvsRequest__Output } from '../../gymwire/v1/ListEnvsRequest.ts';
import type { ListEnvsResponse as _gymwire_v1_ListEnvsResponse, ListEnvsResponse__Output as _gymwire_v1_ListEnvsResponse__Output } from '../../gymwire/v1/ListEnvsResponse.ts';
import type { MakeSessionRequest as _gymwire_v1_MakeSessionRequest, MakeSessionRequest__Output as _gymwire_v1_MakeSessionRequest__Output } from '../../gymwire/v1/MakeSessionRequest.ts';
import type { MakeSessionResponse as _gymwire_v1_MakeSessionResponse, MakeSessionResponse__Output as _gymwire_v1_MakeSessionResponse__Output } from '../../gymwire/v1/MakeSessionResponse.ts';
import type { ReadAttributeRequest as _gymwire_v1_ReadAttributeRequest, ReadAttributeRequest__Output as _gymwire_v1_ReadAttributeRequest__Output } from '../../gymwire/v1/ReadAttributeRequest.ts';
import type { ReadAttributeResponse as _gymwire_v1_ReadAttributeResponse, ReadAttributeResponse__Output as _gymwire_v1_ReadAttributeResponse__Output } from '../../gymwire/v1/ReadAttributeResponse.ts';
import type { RenderRequest as _gymwire_v1_RenderRequest, RenderRequest__Output as _gymwire_v1_RenderRequest__Output } from '../../gymwire/v1/RenderRequest.ts';
import type { RenderResponse as _gymwire_v1_RenderResponse, RenderResponse__Output as _gymwire_v1_RenderResponse__Output } from '../../gymwire/v1/RenderResponse.ts';
import type { ResetRequest as _gymwire_v1_ResetRequest, ResetRequest__Output as _gymwire_v1_ResetRequest__Output } from '../../gymwire/v1/ResetRequest.ts';
import type { ResetResponse as _gymwire_v1_ResetResponse, ResetResponse__Output as _gymwire_v1_ResetResponse__Output } from '../../gymwire/v1/ResetResponse.ts';
import type { StepRequest as _gymwire_v1_StepRequest, StepRequest__Output as _gymwire_v1_StepRequest__Output } from '../../gymwire/v1/StepRequest.ts';
import type { StepResponse as _gymwire_v1_StepResponse, StepResponse__Output as _gymwire_v1_StepResponse__Output } from '../../gymwire/v1/StepResponse.ts';

/**
 * Environments with Gymnasium's semantics over the wire.
 *
 * `Interact` is the hot path: one stream attached to one session. The unary RPCs call the same session
 * functions and exist for tools and scripts.
 */
export interface EnvServiceClient extends grpc.Client {
  /**
   * Calls a method of the simulators, out of those that their spec lists.
   */
  CallMethod(argument: _gymwire_v1_CallMethodRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_CallMethodResponse__Output>): grpc.ClientUnaryCall;
  CallMethod(argument: _gymwire_v1_CallMethodRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_gymwire_v1_CallMethodResponse__Output>): grpc.ClientUnaryCall;
  CallMethod(argument: _gymwire_v1_CallMethodRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_CallMethodResponse__Output>): grpc.ClientUnaryCall;
  CallMethod(argument: _gymwire_v1_CallMethodRequest, callback: grpc.requestCallback<_gymwire_v1_CallMethodResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Calls a method of the simulators, out of those that their spec lists.
   */
  callMethod(argument: _gymwire_v1_CallMethodRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_CallMethodResponse__Output>): grpc.ClientUnaryCall;
  callMethod(argument: _gymwire_v1_CallMethodRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_gymwire_v1_CallMethodResponse__Output>): grpc.ClientUnaryCall;
  callMethod(argument: _gymwire_v1_CallMethodRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_CallMethodResponse__Output>): grpc.ClientUnaryCall;
  callMethod(argument: _gymwire_v1_CallMethodRequest, callback: grpc.requestCallback<_gymwire_v1_CallMethodResponse__Output>): grpc.ClientUnaryCall;

  /**
   * Frees the session. Closing a session that is gone is not an error.
   */
  CloseSession(argument: _gymwire_v1_CloseSessionRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_CloseSessionResponse__Output>): grpc.ClientUnaryCall;
  CloseSession(argument: _gymwire_v1_CloseSessionRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_gymwire_v1_CloseSessionResponse__Output>): grpc.ClientUnaryCall;
  CloseSession(argument: _gymwire_v1_CloseSessionRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_CloseSessionResponse__Output>): grpc.ClientUnaryCall;
  CloseSession(argument: _gymwire_v1_CloseSessionRequest, callback: grpc.requestCallback<_gymwire_v1_CloseSessionResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Frees the session. Closing a session that is gone is not an error.
   */
  closeSession(argument: _gymwire_v1_CloseSessionRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_CloseSessionResponse__Output>): grpc.ClientUnaryCall;
  closeSession(argument: _gymwire_v1_CloseSessionRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_gymwire_v1_CloseSessionResponse__Output>): grpc.ClientUnaryCall;
  closeSession(argument: _gymwire_v1_CloseSessionRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_CloseSessionResponse__Output>): grpc.ClientUnaryCall;
  closeSession(argument: _gymwire_v1_CloseSessionRequest, callback: grpc.requestCallback<_gymwire_v1_CloseSessionResponse__Output>): grpc.ClientUnaryCall;

  /**
   * Exchanges protocol versions and capabilities. Fails with VERSION_MISMATCH when the majors differ.
   */
  Handshake(argument: _gymwire_v1_HandshakeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_HandshakeResponse__Output>): grpc.ClientUnaryCall;
  Handshake(argument: _gymwire_v1_HandshakeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_gymwire_v1_HandshakeResponse__Output>): grpc.ClientUnaryCall;
  Handshake(argument: _gymwire_v1_HandshakeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_HandshakeResponse__Output>): grpc.ClientUnaryCall;
  Handshake(argument: _gymwire_v1_HandshakeRequest, callback: grpc.requestCallback<_gymwire_v1_HandshakeResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Exchanges protocol versions and capabilities. Fails with VERSION_MISMATCH when the majors differ.
   */
  handshake(argument: _gymwire_v1_HandshakeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_HandshakeResponse__Output>): grpc.ClientUnaryCall;
  handshake(argument: _gymwire_v1_HandshakeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_gymwire_v1_HandshakeResponse__Output>): grpc.ClientUnaryCall;
  handshake(argument: _gymwire_v1_HandshakeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_HandshakeResponse__Output>): grpc.ClientUnaryCall;
  handshake(argument: _gymwire_v1_HandshakeRequest, callback: grpc.requestCallback<_gymwire_v1_HandshakeResponse__Output>): grpc.ClientUnaryCall;

  /**
   * Attaches to a session and then carries resets, steps, renders, calls and reads, one response for each request, in order.
   */
  Interact(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_gymwire_v1_InteractRequest, _gymwire_v1_InteractResponse__Output>;
  Interact(options?: grpc.CallOptions): grpc.ClientDuplexStream<_gymwire_v1_InteractRequest, _gymwire_v1_InteractResponse__Output>;
  /**
   * Attaches to a session and then carries resets, steps, renders, calls and reads, one response for each request, in order.
   */
  interact(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_gymwire_v1_InteractRequest, _gymwire_v1_InteractResponse__Output>;
  interact(options?: grpc.CallOptions): grpc.ClientDuplexStream<_gymwire_v1_InteractRequest, _gymwire_v1_InteractResponse__Output>;

  /**
   * The environments that can be made, with the keyword arguments that each allows.
   */
  ListEnvs(argument: _gymwire_v1_ListEnvsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_ListEnvsResponse__Output>): grpc.ClientUnaryCall;
  ListEnvs(argument: _gymwire_v1_ListEnvsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_gymwire_v1_ListEnvsResponse__Output>): grpc.ClientUnaryCall;
  ListEnvs(argument: _gymwire_v1_ListEnvsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_ListEnvsResponse__Output>): grpc.ClientUnaryCall;
  ListEnvs(argument: _gymwire_v1_ListEnvsRequest, callback: grpc.requestCallback<_gymwire_v1_ListEnvsResponse__Output>): grpc.ClientUnaryCall;
  /**
   * The environments that can be made, with the keyword arguments that each allows.
   */
  listEnvs(argument: _gymwire_v1_ListEnvsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_ListEnvsResponse__Output>): grpc.ClientUnaryCall;
  listEnvs(argument: _gymwire_v1_ListEnvsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_gymwire_v1_ListEnvsResponse__Output>): grpc.ClientUnaryCall;
  listEnvs(argument: _gymwire_v1_ListEnvsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_ListEnvsResponse__Output>): grpc.ClientUnaryCall;
  listEnvs(argument: _gymwire_v1_ListEnvsRequest, callback: grpc.requestCallback<_gymwire_v1_ListEnvsResponse__Output>): grpc.ClientUnaryCall;

  /**
   * Makes an environment, or `num_envs` copies of it, owned by whoever knows the returned id.
   */
  MakeSession(argument: _gymwire_v1_MakeSessionRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_MakeSessionResponse__Output>): grpc.ClientUnaryCall;
  MakeSession(argument: _gymwire_v1_MakeSessionRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_gymwire_v1_MakeSessionResponse__Output>): grpc.ClientUnaryCall;
  MakeSession(argument: _gymwire_v1_MakeSessionRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_MakeSessionResponse__Output>): grpc.ClientUnaryCall;
  MakeSession(argument: _gymwire_v1_MakeSessionRequest, callback: grpc.requestCallback<_gymwire_v1_MakeSessionResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Makes an environment, or `num_envs` copies of it, owned by whoever knows the returned id.
   */
  makeSession(argument: _gymwire_v1_MakeSessionRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_MakeSessionResponse__Output>): grpc.ClientUnaryCall;
  makeSession(argument: _gymwire_v1_MakeSessionRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_gymwire_v1_MakeSessionResponse__Output>): grpc.ClientUnaryCall;
  makeSession(argument: _gymwire_v1_MakeSessionRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_MakeSessionResponse__Output>): grpc.ClientUnaryCall;
  makeSession(argument: _gymwire_v1_MakeSessionRequest, callback: grpc.requestCallback<_gymwire_v1_MakeSessionResponse__Output>): grpc.ClientUnaryCall;

  /**
   * Reads an attribute of the simulators, out of those that their spec lists.
   */
  ReadAttribute(argument: _gymwire_v1_ReadAttributeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_ReadAttributeResponse__Output>): grpc.ClientUnaryCall;
  ReadAttribute(argument: _gymwire_v1_ReadAttributeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_gymwire_v1_ReadAttributeResponse__Output>): grpc.ClientUnaryCall;
  ReadAttribute(argument: _gymwire_v1_ReadAttributeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_ReadAttributeResponse__Output>): grpc.ClientUnaryCall;
  ReadAttribute(argument: _gymwire_v1_ReadAttributeRequest, callback: grpc.requestCallback<_gymwire_v1_ReadAttributeResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Reads an attribute of the simulators, out of those that their spec lists.
   */
  readAttribute(argument: _gymwire_v1_ReadAttributeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_ReadAttributeResponse__Output>): grpc.ClientUnaryCall;
  readAttribute(argument: _gymwire_v1_ReadAttributeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_gymwire_v1_ReadAttributeResponse__Output>): grpc.ClientUnaryCall;
  readAttribute(argument: _gymwire_v1_ReadAttributeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_ReadAttributeResponse__Output>): grpc.ClientUnaryCall;
  readAttribute(argument: _gymwire_v1_ReadAttributeRequest, callback: grpc.requestCallback<_gymwire_v1_ReadAttributeResponse__Output>): grpc.ClientUnaryCall;

  /**
   * Draws the current state.
   */
  Render(argument: _gymwire_v1_RenderRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_RenderResponse__Output>): grpc.ClientUnaryCall;
  Render(argument: _gymwire_v1_RenderRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_gymwire_v1_RenderResponse__Output>): grpc.ClientUnaryCall;
  Render(argument: _gymwire_v1_RenderRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_RenderResponse__Output>): grpc.ClientUnaryCall;
  Render(argument: _gymwire_v1_RenderRequest, callback: grpc.requestCallback<_gymwire_v1_RenderResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Draws the current state.
   */
  render(argument: _gymwire_v1_RenderRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_RenderResponse__Output>): grpc.ClientUnaryCall;
  render(argument: _gymwire_v1_RenderRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_gymwire_v1_RenderResponse__Output>): grpc.ClientUnaryCall;
  render(argument: _gymwire_v1_RenderRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_RenderResponse__Output>): grpc.ClientUnaryCall;
  render(argument: _gymwire_v1_RenderRequest, callback: grpc.requestCallback<_gymwire_v1_RenderResponse__Output>): grpc.ClientUnaryCall;

  /**
   * Starts new episodes.
   */
  Reset(argument: _gymwire_v1_ResetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_ResetResponse__Output>): grpc.ClientUnaryCall;
  Reset(argument: _gymwire_v1_ResetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_gymwire_v1_ResetResponse__Output>): grpc.ClientUnaryCall;
  Reset(argument: _gymwire_v1_ResetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_ResetResponse__Output>): grpc.ClientUnaryCall;
  Reset(argument: _gymwire_v1_ResetRequest, callback: grpc.requestCallback<_gymwire_v1_ResetResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Starts new episodes.
   */
  reset(argument: _gymwire_v1_ResetRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_ResetResponse__Output>): grpc.ClientUnaryCall;
  reset(argument: _gymwire_v1_ResetRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_gymwire_v1_ResetResponse__Output>): grpc.ClientUnaryCall;
  reset(argument: _gymwire_v1_ResetRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_ResetResponse__Output>): grpc.ClientUnaryCall;
  reset(argument: _gymwire_v1_ResetRequest, callback: grpc.requestCallback<_gymwire_v1_ResetResponse__Output>): grpc.ClientUnaryCall;

  /**
   * Applies one action (to each environment of the session).
   */
  Step(argument: _gymwire_v1_StepRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_StepResponse__Output>): grpc.ClientUnaryCall;
  Step(argument: _gymwire_v1_StepRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_gymwire_v1_StepResponse__Output>): grpc.ClientUnaryCall;
  Step(argument: _gymwire_v1_StepRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_StepResponse__Output>): grpc.ClientUnaryCall;
  Step(argument: _gymwire_v1_StepRequest, callback: grpc.requestCallback<_gymwire_v1_StepResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Applies one action (to each environment of the session).
   */
  step(argument: _gymwire_v1_StepRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_StepResponse__Output>): grpc.ClientUnaryCall;
  step(argument: _gymwire_v1_StepRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_gymwire_v1_StepResponse__Output>): grpc.ClientUnaryCall;
  step(argument: _gymwire_v1_StepRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_gymwire_v1_StepResponse__Output>): grpc.ClientUnaryCall;
  step(argument: _gymwire_v1_StepRequest, callback: grpc.requestCallback<_gymwire_v1_StepResponse__Output>): grpc.ClientUnaryCall;

}

/**
 * Environments with Gymnasium's semantics over the wire.
 *
 * `Interact` is the hot path: one stream attached to one session. The unary RPCs call the same session
 * functions and exist for tools and scripts.
 */
export interface EnvServiceHandlers extends grpc.UntypedServiceImplementation {
  /**
   * Calls a method of the simulators, out of those that their spec lists.
   */
  CallMethod: grpc.handleUnaryCall<_gymwire_v1_CallMethodRequest__Output, _gymwire_v1_CallMethodResponse>;

  /**
   * Frees the session. Closing a session that is gone is not an error.
   */
  CloseSession: grpc.handleUnaryCall<_gymwire_v1_CloseSessionRequest__Output, _gymwire_v1_CloseSessionResponse>;

  /**
   * Exchanges protocol versions and capabilities. Fails with VERSION_MISMATCH when the majors differ.
   */
  Handshake: grpc.handleUnaryCall<_gymwire_v1_HandshakeRequest__Output, _gymwire_v1_HandshakeResponse>;

  /**
   * Attaches to a session and then carries resets, steps, renders, calls and reads, one response for each request, in order.
   */
  Interact: grpc.handleBidiStreamingCall<_gymwire_v1_InteractRequest__Output, _gymwire_v1_InteractResponse>;

  /**
   * The environments that can be made, with the keyword arguments that each allows.
   */
  ListEnvs: grpc.handleUnaryCall<_gymwire_v1_ListEnvsRequest__Output, _gymwire_v1_ListEnvsResponse>;

  /**
   * Makes an environment, or `num_envs` copies of it, owned by whoever knows the returned id.
   */
  MakeSession: grpc.handleUnaryCall<_gymwire_v1_MakeSessionRequest__Output, _gymwire_v1_MakeSessionResponse>;

  /**
   * Reads an attribute of the simulators, out of those that their spec lists.
   */
  ReadAttribute: grpc.handleUnaryCall<_gymwire_v1_ReadAttributeRequest__Output, _gymwire_v1_ReadAttributeResponse>;

  /**
   * Draws the current state.
   */
  Render: grpc.handleUnaryCall<_gymwire_v1_RenderRequest__Output, _gymwire_v1_RenderResponse>;

  /**
   * Starts new episodes.
   */
  Reset: grpc.handleUnaryCall<_gymwire_v1_ResetRequest__Output, _gymwire_v1_ResetResponse>;

  /**
   * Applies one action (to each environment of the session).
   */
  Step: grpc.handleUnaryCall<_gymwire_v1_StepRequest__Output, _gymwire_v1_StepResponse>;

}

export interface EnvServiceDefinition extends grpc.ServiceDefinition {
  CallMethod: MethodDefinition<_gymwire_v1_CallMethodRequest, _gymwire_v1_CallMethodResponse, _gymwire_v1_CallMethodRequest__Output, _gymwire_v1_CallMethodResponse__Output>
  CloseSession: MethodDefinition<_gymwire_v1_CloseSessionRequest, _gymwire_v1_CloseSessionResponse, _gymwire_v1_CloseSessionRequest__Output, _gymwire_v1_CloseSessionResponse__Output>
  Handshake: MethodDefinition<_gymwire_v1_HandshakeRequest, _gymwire_v1_HandshakeResponse, _gymwire_v1_HandshakeRequest__Output, _gymwire_v1_HandshakeResponse__Output>
  Interact: MethodDefinition<_gymwire_v1_InteractRequest, _gymwire_v1_InteractResponse, _gymwire_v1_InteractRequest__Output, _gymwire_v1_InteractResponse__Output>
  ListEnvs: MethodDefinition<_gymwire_v1_ListEnvsRequest, _gymwire_v1_ListEnvsResponse, _gymwire_v1_ListEnvsRequest__Output, _gymwire_v1_ListEnvsResponse__Output>
  MakeSession: MethodDefinition<_gymwire_v1_MakeSessionRequest, _gymwire_v1_MakeSessionResponse, _gymwire_v1_MakeSessionRequest__Output, _gymwire_v1_MakeSessionResponse__Output>
  ReadAttribute: MethodDefinition<_gymwire_v1_ReadAttributeRequest, _gymwire_v1_ReadAttributeResponse, _gymwire_v1_ReadAttributeRequest__Output, _gymwire_v1_ReadAttributeResponse__Output>
  Render: MethodDefinition<_gymwire_v1_RenderRequest, _gymwire_v1_RenderResponse, _gymwire_v1_RenderRequest__Output, _gymwire_v1_RenderResponse__Output>
  Reset: MethodDefinition<_gymwire_v1_ResetRequest, _gymwire_v1_ResetResponse, _gymwire_v1_ResetRequest__Output, _gymwire_v1_ResetResponse__Output>
  Step: MethodDefinition<_gymwire_v1_StepRequest, _gymwire_v1_StepResponse, _gymwire_v1_StepRequest__Output, _gymwire_v1_StepResponse__Output>
}
