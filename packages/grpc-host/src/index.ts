// What a gRPC server of ours is made of, whatever it serves.
export { type ByteStream, connectionOf } from './calls/byte-stream.ts';
export { malformed, toGymwireError, undecodable } from './calls/errors.ts';
export { isLarge } from './calls/gate.ts';
export { type Ending, Places } from './calls/line.ts';
export type { LoopShares, Sharer } from './calls/loop-shares.ts';
export { charged, servePlain, serveUnary } from './calls/serve-unary.ts';
export type { Caller, UnaryCall } from './calls/unary-call.ts';
export { complain } from './complaints.ts';
export {
  type GrpcHost,
  type HostedService,
  type HostedServices,
  type Hosting,
  startGrpcHost,
} from './grpc-host.ts';
export type { HostContext } from './host-context.ts';
export {
  type GrpcHostOptions,
  integerOption,
  type ResolvedHostOptions,
  resolveHostOptions,
} from './host-options.ts';
export type { HostedWork } from './hosted-work.ts';
export type { ConnectedCall, Connection } from './net/connection.ts';
export { checkToken } from './security/bearer-token.ts';
export type { ServerTls } from './security/server-tls.ts';
