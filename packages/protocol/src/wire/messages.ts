/** Wire messages as grpc-js hands them out, for those who write servers and clients. */
export type { CallMethodRequest__Output as CallMethodRequest } from '../generated/gymwire/v1/CallMethodRequest.ts';
export type {
  CallMethodResponse,
  CallMethodResponse__Output,
} from '../generated/gymwire/v1/CallMethodResponse.ts';
export type { CloseSessionResponse__Output as CloseSessionResponse } from '../generated/gymwire/v1/CloseSessionResponse.ts';
export type { EndSessionResponse__Output as EndSessionResponse } from '../generated/gymwire/v1/EndSessionResponse.ts';
export type { HandshakeRequest__Output as HandshakeRequest } from '../generated/gymwire/v1/HandshakeRequest.ts';
export type { HandshakeResponse__Output as HandshakeResponse } from '../generated/gymwire/v1/HandshakeResponse.ts';
export type { InteractRequest, InteractRequest__Output } from '../generated/gymwire/v1/InteractRequest.ts';
export type { InteractResponse, InteractResponse__Output } from '../generated/gymwire/v1/InteractResponse.ts';
export type { ListEnvsResponse__Output as ListEnvsResponse } from '../generated/gymwire/v1/ListEnvsResponse.ts';
export type { ListSessionsResponse__Output as ListSessionsResponse } from '../generated/gymwire/v1/ListSessionsResponse.ts';
export type { MakeSessionResponse__Output as MakeSessionResponse } from '../generated/gymwire/v1/MakeSessionResponse.ts';
export type { ReadAttributeRequest__Output as ReadAttributeRequest } from '../generated/gymwire/v1/ReadAttributeRequest.ts';
export type {
  ReadAttributeResponse,
  ReadAttributeResponse__Output,
} from '../generated/gymwire/v1/ReadAttributeResponse.ts';
export type { ResetRequest__Output as ResetRequest } from '../generated/gymwire/v1/ResetRequest.ts';
export type { ResetResponse } from '../generated/gymwire/v1/ResetResponse.ts';
export type { StepRequest__Output as StepRequest } from '../generated/gymwire/v1/StepRequest.ts';
export type { StepResponse } from '../generated/gymwire/v1/StepResponse.ts';
export type { Tensor } from '../generated/gymwire/v1/Tensor.ts';
