// Original file: proto/gymwire/v1/env_service.proto

import type { AttachRequest as _gymwire_v1_AttachRequest, AttachRequest__Output as _gymwire_v1_AttachRequest__Output } from '../../gymwire/v1/AttachRequest.ts';
import type { ResetRequest as _gymwire_v1_ResetRequest, ResetRequest__Output as _gymwire_v1_ResetRequest__Output } from '../../gymwire/v1/ResetRequest.ts';
import type { StepRequest as _gymwire_v1_StepRequest, StepRequest__Output as _gymwire_v1_StepRequest__Output } from '../../gymwire/v1/StepRequest.ts';
import type { RenderRequest as _gymwire_v1_RenderRequest, RenderRequest__Output as _gymwire_v1_RenderRequest__Output } from '../../gymwire/v1/RenderRequest.ts';
import type { CloseSessionRequest as _gymwire_v1_CloseSessionRequest, CloseSessionRequest__Output as _gymwire_v1_CloseSessionRequest__Output } from '../../gymwire/v1/CloseSessionRequest.ts';
import type { CallMethodRequest as _gymwire_v1_CallMethodRequest, CallMethodRequest__Output as _gymwire_v1_CallMethodRequest__Output } from '../../gymwire/v1/CallMethodRequest.ts';
import type { ReadAttributeRequest as _gymwire_v1_ReadAttributeRequest, ReadAttributeRequest__Output as _gymwire_v1_ReadAttributeRequest__Output } from '../../gymwire/v1/ReadAttributeRequest.ts';

export interface InteractRequest {
  'attach'?: (_gymwire_v1_AttachRequest | null);
  'reset'?: (_gymwire_v1_ResetRequest | null);
  'step'?: (_gymwire_v1_StepRequest | null);
  'render'?: (_gymwire_v1_RenderRequest | null);
  /**
   * Closes the session; the server then ends the stream.
   */
  'close'?: (_gymwire_v1_CloseSessionRequest | null);
  'call'?: (_gymwire_v1_CallMethodRequest | null);
  'read'?: (_gymwire_v1_ReadAttributeRequest | null);
  'request'?: "attach"|"reset"|"step"|"render"|"close"|"call"|"read";
}

export interface InteractRequest__Output {
  'attach'?: (_gymwire_v1_AttachRequest__Output | null);
  'reset'?: (_gymwire_v1_ResetRequest__Output | null);
  'step'?: (_gymwire_v1_StepRequest__Output | null);
  'render'?: (_gymwire_v1_RenderRequest__Output | null);
  /**
   * Closes the session; the server then ends the stream.
   */
  'close'?: (_gymwire_v1_CloseSessionRequest__Output | null);
  'call'?: (_gymwire_v1_CallMethodRequest__Output | null);
  'read'?: (_gymwire_v1_ReadAttributeRequest__Output | null);
  'request'?: "attach"|"reset"|"step"|"render"|"close"|"call"|"read";
}
