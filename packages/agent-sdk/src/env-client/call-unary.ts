import { type Client, type Metadata, status } from '@grpc/grpc-js';
import { GymwireError } from '@gymwire/protocol';
import { fromServiceError, orUndecodable, Undecodable } from '@gymwire/protocol/wire';

/** One of a service definition's, as its client sees it. */
export interface UnaryMethod<Request, Response> {
  readonly path: string;
  readonly requestSerialize: (request: Request) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
}

export interface UnaryCall {
  readonly metadata: Metadata;
  readonly deadlineMs: number;
  /** The server, for messages. */
  readonly address: string;
}

/** What is called and where, for messages. */
export function describeCall({ path }: { readonly path: string }, address: string): string {
  return `${path.slice(path.lastIndexOf('/') + 1)} at ${address}`;
}

/**
 * A unary call with a deadline, as a promise.
 * @throws GymwireError with the server's code, or SERVER_UNAVAILABLE, DEADLINE_EXCEEDED, MALFORMED …
 */
export function callUnary<Request, Response extends object>(
  client: Client,
  method: UnaryMethod<Request, Response>,
  request: Request,
  { metadata, deadlineMs, address }: UnaryCall,
): Promise<Response> {
  const where = describeCall(method, address);
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      // gRPC would call it INTERNAL, as it does a connection that was cut: only one of the two may be tried again.
      orUndecodable(method.responseDeserialize),
      request,
      metadata,
      { deadline: new Date(Date.now() + deadlineMs) },
      (error, response) => {
        if (error?.code === status.DEADLINE_EXCEEDED)
          reject(expired(where, deadlineMs, fromServiceError(error, where)));
        else if (error !== null) reject(fromServiceError(error, where));
        else if (response === undefined) reject(malformed(where, 'the reply is empty'));
        else if (response instanceof Undecodable)
          reject(malformed(where, `the reply cannot be decoded: ${response.reason}`));
        else resolve(response);
      },
    );
  });
}

function expired(where: string, deadlineMs: number, { cause }: GymwireError): GymwireError {
  const message = `${where}: no answer within ${deadlineMs} ms`;
  return new GymwireError('DEADLINE_EXCEEDED', message, { cause, origin: 'transport' });
}

function malformed(where: string, what: string): GymwireError {
  return new GymwireError('MALFORMED', `${where}: ${what}`, { origin: 'transport' });
}
