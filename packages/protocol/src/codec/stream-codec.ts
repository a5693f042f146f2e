/** The Interact stream as both ends open it: steps travel as bytes, written and read by step-messages.ts. */
import type { Client, ClientDuplexStream, Metadata } from '@grpc/grpc-js';
import type { InteractRequest, InteractRequest__Output } from '../generated/gymwire/v1/InteractRequest.ts';
import type { InteractResponse, InteractResponse__Output } from '../generated/gymwire/v1/InteractResponse.ts';
import { envService } from '../wire/service.ts';
import { requestParts } from './message-parts.ts';
import { findStep } from './step-messages.ts';
import { boundedDecoder, orUndecodable, type Undecodable } from './undecodable.ts';

/** A Buffer to send is the whole message, from `encodeStepRequest`. */
export type StreamRequest = Buffer | InteractRequest;
/** A Buffer that came is for `decodeStepRequest`. */
export type StreamRequestOutput = Buffer | InteractRequest__Output | Undecodable;
/** A Buffer to send is the whole message, from `encodeStepResponse`. */
export type StreamResponse = Buffer | InteractResponse;
/** A Buffer that came is for `decodeStepResponse`. */
export type StreamResponseOutput = Buffer | InteractResponse__Output | Undecodable;

const { Interact } = envService;

/** `maxParts` for servers whose sessions are not very large. */
const defaultMaxParts = 100_000;

/** @param maxParts of a request, see `boundedDecoder` */
export function createStreamMethod(maxParts: number = defaultMaxParts) {
  const findRequest = (bytes: Buffer): Buffer | InteractRequest__Output =>
    findStep(bytes) ?? Interact.requestDeserialize(bytes);
  return {
    path: Interact.path,
    requestStream: true,
    responseStream: true,
    requestSerialize: (message: StreamRequest): Buffer =>
      Buffer.isBuffer(message) ? message : Interact.requestSerialize(message),
    requestDeserialize: boundedDecoder(findRequest, requestParts.Interact, maxParts),
    responseSerialize: (message: StreamResponse): Buffer =>
      Buffer.isBuffer(message) ? message : Interact.responseSerialize(message),
    responseDeserialize: orUndecodable(
      (bytes: Buffer): Buffer | InteractResponse__Output =>
        findStep(bytes) ?? Interact.responseDeserialize(bytes),
    ),
  } as const;
}

export const streamMethod = createStreamMethod();

export function openStream(
  client: Client,
  metadata: Metadata,
): ClientDuplexStream<StreamRequest, StreamResponseOutput> {
  const { path, requestSerialize, responseDeserialize } = streamMethod;
  return client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata);
}
