// How it travels: messages of gymwire.v1 and what they mean, services and clients of grpc-js.
export {
  decodeAttributeRead,
  decodeAttributeValues,
  decodeCallOutcome,
  decodeMethodCall,
  encodeAttributeRead,
  encodeAttributeValues,
  encodeCallOutcome,
  encodeMethodCall,
} from '../codec/call-codec.ts';
export { decodeError, encodeError, fromServiceError, toStatus } from '../codec/error-codec.ts';
export { wireErrorStatus } from '../codec/error-status.ts';
export { requestParts } from '../codec/message-parts.ts';
export { decodeSessionSummary, encodeSessionSummary } from '../codec/operator-codec.ts';
export {
  decodeEnvSpec,
  decodeSessionDescription,
  decodeSessionOptions,
  encodeEnvSpec,
  encodeSessionDescription,
  encodeSessionOptions,
} from '../codec/session-codec.ts';
export { decodeSpace, encodeSpace } from '../codec/space-codec.ts';
export {
  decodeResetOptions,
  decodeResetResult,
  decodeStepResult,
  encodeResetOptions,
  encodeResetResult,
  encodeStepResult,
  packNextSeeds,
} from '../codec/step-codec.ts';
export {
  decodeStepRequest,
  decodeStepResponse,
  encodeStepRequest,
  encodeStepResponse,
  findStep,
  type StepCommand,
} from '../codec/step-messages.ts';
export {
  createStreamMethod,
  openStream,
  type StreamRequest,
  type StreamRequestOutput,
  type StreamResponse,
  type StreamResponseOutput,
  streamMethod,
} from '../codec/stream-codec.ts';
export { decodeScalar, decodeTensor, encodeScalar, encodeTensor } from '../codec/tensor-codec.ts';
export { boundedDecoder, type Decode, orUndecodable, Undecodable } from '../codec/undecodable.ts';
export { decodeDict, decodeValue, encodeDict, encodeValue } from '../codec/value-codec.ts';
export type {
  EnvServiceDefinition,
  EnvServiceHandlers,
} from '../generated/gymwire/v1/EnvService.ts';
export type {
  OperatorServiceDefinition,
  OperatorServiceHandlers,
} from '../generated/gymwire/v1/OperatorService.ts';
export type * as wire from './messages.ts';
export { proxyOptions } from './proxy-rule.ts';
export { refuseReadableToken, type ShownToken } from './readable-token.ts';
export {
  isLoopbackAddress,
  isUnixAddress,
  longestUnixPath,
  parseServerAddress,
  type ServerAddress,
  unixPathOf,
  withoutTls,
} from './server-address.ts';
export {
  EnvServiceClient,
  envService,
  OperatorServiceClient,
  operatorService,
  packageDefinition,
} from './service.ts';
export { createTlsCredentials, expectCertificates, type TlsPem } from './tls-credentials.ts';
