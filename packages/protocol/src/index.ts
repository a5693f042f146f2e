export type * from './calls.ts';
export * from './codec/call-codec.ts';
export * from './codec/error-codec.ts';
export { requestParts } from './codec/message-parts.ts';
export * from './codec/operator-codec.ts';
export * from './codec/session-codec.ts';
export * from './codec/space-codec.ts';
export * from './codec/step-codec.ts';
export * from './codec/step-messages.ts';
export * from './codec/stream-codec.ts';
export * from './codec/take-value.ts';
export * from './codec/tensor-codec.ts';
export { boundedDecoder, Undecodable } from './codec/undecodable.ts';
export * from './codec/value-codec.ts';
export * from './errors.ts';
export type * from './generated/gymwire/v1/EnvService.ts';
export type * from './generated/gymwire/v1/OperatorService.ts';
export type * from './gym.ts';
export { proxyOptions } from './proxy-rule.ts';
export * from './sequence.ts';
export {
  EnvServiceClient,
  envService,
  OperatorServiceClient,
  operatorService,
  packageDefinition,
} from './service.ts';
export type * from './session.ts';
export * from './space.ts';
export * from './tensor.ts';
export * from './thrown.ts';
export * from './value.ts';
export * from './version.ts';
export type * as wire from './wire.ts';
