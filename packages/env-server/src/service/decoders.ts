/** Requests of strangers, decoded or refused. */

import { undecodable } from '@gymwire/grpc-host';
import {
  boundedDecoder,
  createStreamMethod,
  type EnvServiceDefinition,
  envService,
  requestParts,
  type StreamRequestOutput,
  Undecodable,
} from '@gymwire/protocol/wire';

export type UnaryName = Exclude<keyof typeof requestParts, 'Interact'>;
export type RequestOf<Name extends UnaryName> = ReturnType<EnvServiceDefinition[Name]['requestDeserialize']>;

const leastParts = 100_000;

export interface Decoders {
  /** @throws GymwireError MALFORMED */
  unary<Name extends UnaryName>(name: Name, bytes: Buffer): RequestOf<Name>;
  stream(bytes: Buffer): StreamRequestOutput;
}

/** @param maxNumEnvs of one session: a reset may carry a seed for each */
export function createDecoders(maxNumEnvs: number): Decoders {
  const maxParts = Math.max(leastParts, 4 * maxNumEnvs);
  return {
    unary(name, bytes) {
      const decode = envService[name].requestDeserialize as (bytes: Buffer) => RequestOf<typeof name>;
      const request = boundedDecoder(decode, requestParts[name], maxParts)(bytes);
      if (request instanceof Undecodable) throw undecodable(request, `${name}Request`);
      return request;
    },
    stream: createStreamMethod(maxParts).requestDeserialize,
  };
}
