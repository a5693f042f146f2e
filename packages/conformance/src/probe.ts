/** What a rule works with: a connection of its own, sessions that are closed after it, and what the kit may try. */
import type { Metadata } from '@grpc/grpc-js';
import { protocolVersion, type SessionDescription, type SessionOptions } from '@gymwire/protocol';
import { decodeSessionDescription, encodeSessionOptions, type wire } from '@gymwire/protocol/wire';
import { type Method, methods, type RawClient } from './client/raw-client.ts';
import type { RawStream } from './client/raw-stream.ts';
import { envId } from './conformance-env.ts';
import { PlayedSession } from './played-session.ts';

/** How far the kit goes to exercise a limit that it cannot set. */
export interface ProbeLimits {
  /** An idle timeout above this is not waited for. */
  readonly maxIdleTimeoutMs: number;
  /** So many sessions are made, at most, to find the cap. */
  readonly maxSessions: number;
  /** A message larger than this is not sent to find the cap. */
  readonly maxMessageBytes: number;
}

export type MakeOptions = Omit<SessionOptions, 'envId'>;

export class Probe {
  readonly client: RawClient;
  readonly limits: ProbeLimits;
  /** That the server asks for, if it does. */
  readonly token: string | undefined;
  readonly #made: string[] = [];

  constructor(client: RawClient, limits: ProbeLimits, token?: string) {
    this.client = client;
    this.limits = limits;
    this.token = token;
  }

  call<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    metadata?: Metadata,
  ): Promise<Response> {
    return this.client.call(method, request, metadata);
  }

  handshake(): Promise<wire.HandshakeResponse> {
    const request = { protocolVersion: { ...protocolVersion }, client: 'gymwire-conformance' };
    return this.call(methods.Handshake, request);
  }

  /** A stream that has not attached yet. */
  interact(metadata?: Metadata): RawStream {
    return this.client.interact(metadata);
  }

  /** Makes a session, of the conformance environment unless told otherwise; it is closed after the rule. */
  async make(options: MakeOptions = {}, of: string = envId): Promise<PlayedSession> {
    const reply = await this.makeBy(encodeSessionOptions({ ...options, envId: of }));
    return new PlayedSession(this.client, decodeSessionDescription(reply));
  }

  /** What a session would be like; it is closed at once, so that few are open at a time. */
  async describe(options: MakeOptions = {}, of: string = envId): Promise<SessionDescription> {
    const { description } = await this.make(options, of);
    await this.call(methods.CloseSession, { sessionId: description.sessionId });
    return description;
  }

  /** With a request that is already a message, and may be a bad one. */
  async makeBy(request: ReturnType<typeof encodeSessionOptions>): Promise<wire.MakeSessionResponse> {
    const reply = await this.call(methods.MakeSession, request);
    this.#made.push(reply.sessionId);
    return reply;
  }

  /** Closes the sessions that the rule made; a server that fails here fails the rules about closing. */
  async cleanUp(): Promise<void> {
    const closing = this.#made.map((sessionId) => this.call(methods.CloseSession, { sessionId }));
    await Promise.allSettled(closing);
  }
}
