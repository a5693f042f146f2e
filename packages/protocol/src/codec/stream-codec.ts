/** The Interact stream as both ends open it: steps travel as bytes, written and read by step-messages.ts. */
import type { Client, ClientDuplexStream, Metadata } from '@grpc/grpc-js';
import type { InteractRequest, InteractRequest__Output } from '../generated/gymwire/v1/InteractRequest.ts';
import type { InteractResponse, InteractResponse__Output } from '../generated/gymwire/v1/InteractResponse.ts';
import { envService } from '../service.ts';
import { findStep } from './step-messages.ts';

/** A Buffer to send is the whole message, from `encodeStepRequest`. */
export type StreamRequest = Buffer | InteractRequest;
/** A Buffer that came is for `decodeStepRequest`. */
export type StreamRequestOutput = Buffer | InteractRequest__Output;
/** A Buffer to send is the whole message, from `encodeStepResponse`. */
export type StreamResponse = Buffer | InteractResponse;
/** A Buffer that came is for `decodeStepResponse`. */
export type StreamResponseOutput = Buffer | InteractResponse__Output;

const { Interact } = envService;

export const streamMethod = {
  path: Interact.path,
  requestStream: true,
  responseStream: true,
  requestSerialize: (message: StreamRequest): Buffer =>
    Buffer.isBuffer(message) ? message : Interact.requestSerialize(message),
  requestDeserialize: (bytes: Buffer): StreamRequestOutput =>
    findStep(bytes) ?? Interact.requestDeserialize(bytes),
  responseSerialize: (message: StreamResponse): Buffer =>
    Buffer.isBuffer(message) ? message : Interact.responseSerialize(message),
  responseDeserialize: (bytes: Buffer): StreamResponseOutput =>
    findStep(bytes) ?? Interact.responseDeserialize(bytes),
} as const;

export function openStream(
  client: Client,
  metadata: Metadata,
): ClientDuplexStream<StreamRequest, StreamResponseOutput> {
  const { path, requestSerialize, responseDeserialize } = streamMethod;
  return client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata);
}
