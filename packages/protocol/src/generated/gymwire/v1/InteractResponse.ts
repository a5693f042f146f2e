// Original file: proto/gymwire/v1/env_service.proto

import type { AttachResponse as _gymwire_v1_AttachResponse, AttachResponse__Output as _gymwire_v1_AttachResponse__Output } from '../../gymwire/v1/AttachResponse.ts';
import type { ResetResponse as _gymwire_v1_ResetResponse, ResetResponse__Output as _gymwire_v1_ResetResponse__Output } from '../../gymwire/v1/ResetResponse.ts';
import type { StepResponse as _gymwire_v1_StepResponse, StepResponse__Output as _gymwire_v1_StepResponse__Output } from '../../gymwire/v1/StepResponse.ts';
import type { RenderResponse as _gymwire_v1_RenderResponse, RenderResponse__Output as _gymwire_v1_RenderResponse__Output } from '../../gymwire/v1/RenderResponse.ts';
import type { CloseSessionResponse as _gymwire_v1_CloseSessionResponse, CloseSessionResponse__Output as _gymwire_v1_CloseSessionResponse__Output } from '../../gymwire/v1/CloseSessionResponse.ts';
import type { Error as _gymwire_v1_Error, Error__Output as _gymwire_v1_Error__Output } from '../../gymwire/v1/Error.ts';
import type { CallMethodResponse as _gymwire_v1_CallMethodResponse, CallMethodResponse__Output as _gymwire_v1_CallMethodResponse__Output } from '../../gymwire/v1/CallMethodResponse.ts';
import type { ReadAttributeResponse as _gymwire_v1_ReadAttributeResponse, ReadAttributeResponse__Output as _gymwire_v1_ReadAttributeResponse__Output } from '../../gymwire/v1/ReadAttributeResponse.ts';

export interface InteractResponse {
  'attach'?: (_gymwire_v1_AttachResponse | null);
  'reset'?: (_gymwire_v1_ResetResponse | null);
  'step'?: (_gymwire_v1_StepResponse | null);
  'render'?: (_gymwire_v1_RenderResponse | null);
  'close'?: (_gymwire_v1_CloseSessionResponse | null);
  /**
   * The request failed and changed nothing, unless the code says otherwise; the stream stays usable.
   */
  'error'?: (_gymwire_v1_Error | null);
  'call'?: (_gymwire_v1_CallMethodResponse | null);
  'read'?: (_gymwire_v1_ReadAttributeResponse | null);
  'response'?: "attach"|"reset"|"step"|"render"|"close"|"error"|"call"|"read";
}

export interface InteractResponse__Output {
  'attach'?: (_gymwire_v1_AttachResponse__Output | null);
  'reset'?: (_gymwire_v1_ResetResponse__Output | null);
  'step'?: (_gymwire_v1_StepResponse__Output | null);
  'render'?: (_gymwire_v1_RenderResponse__Output | null);
  'close'?: (_gymwire_v1_CloseSessionResponse__Output | null);
  /**
   * The request failed and changed nothing, unless the code says otherwise; the stream stays usable.
   */
  'error'?: (_gymwire_v1_Error__Output | null);
  'call'?: (_gymwire_v1_CallMethodResponse__Output | null);
  'read'?: (_gymwire_v1_ReadAttributeResponse__Output | null);
  'response'?: "attach"|"reset"|"step"|"render"|"close"|"error"|"call"|"read";
}
