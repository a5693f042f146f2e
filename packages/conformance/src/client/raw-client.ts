/** Calls as they are, without a session's bookkeeping and without repair: the kit also sends what it should not. */
import { type ChannelCredentials, type Metadata, type ServiceError } from '@grpc/grpc-js';
import {
  EnvServiceClient,
  type EnvServiceDefinition,
  envService,
  proxyOptions,
  streamMethod,
} from '@gymwire/protocol/wire';
import { RawStream } from './raw-stream.ts';
import { refusalOfCall } from './refusal.ts';

/** A unary method: where it is, and how its messages become bytes. */
export interface Method<Request, Response> {
  readonly path: string;
  readonly requestSerialize: (request: Request) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
}

/** `gymwire.v1.EnvService`'s methods by name, for `RawClient.call`. */
export const methods: EnvServiceDefinition = envService;

export interface RawClientOptions {
  readonly credentials: ChannelCredentials;
  /** Expected in the server's certificate instead of the address' host. */
  readonly serverName?: string;
  /** Sent with every call, for instance `authorization`. */
  readonly metadata: Metadata;
}

export class RawClient {
  readonly #client: InstanceType<typeof EnvServiceClient>;
  readonly #metadata: Metadata;
  /** Calls and streams under way, to be cancelled. */
  readonly #open = new Set<{ cancel(): void }>();

  constructor(address: string, { credentials, metadata, serverName }: RawClientOptions) {
    this.#metadata = metadata;
    this.#client = new EnvServiceClient(address, credentials, {
      'grpc.max_receive_message_length': -1,
      'grpc.max_send_message_length': -1,
      'grpc.service_config_disable_resolution': 1,
      // Each kit has connections of its own: what one rule does to its connection must not reach the others.
      'grpc.use_local_subchannel_pool': 1,
      ...proxyOptions(address),
      ...(serverName !== undefined && {
        'grpc.ssl_target_name_override': serverName,
        'grpc.default_authority': serverName,
      }),
    });
  }

  /** @throws Refusal */
  call<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    metadata: Metadata = this.#metadata,
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      const call = this.#client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        metadata,
        (error: ServiceError | null, response?: Response) => {
          this.#open.delete(call);
          if (error !== null) reject(refusalOfCall(error));
          else if (response !== undefined) resolve(response);
        },
      );
      this.#open.add(call);
    });
  }

  interact(metadata: Metadata = this.#metadata): RawStream {
    const { path, requestSerialize } = streamMethod;
    const { responseDeserialize } = envService.Interact;
    const call = this.#client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata);
    const stream = new RawStream(call);
    this.#open.add(stream);
    return stream;
  }

  /** A bidirectional method of another service: sends one message and returns the first that comes back. */
  ask(path: string, message: Buffer): Promise<Buffer> {
    const same = (bytes: Buffer) => bytes;
    const call = this.#client.makeBidiStreamRequest(path, same, same, this.#metadata);
    this.#open.add(call);
    return new Promise((resolve, reject) => {
      call.on('error', (error: ServiceError) => reject(refusalOfCall(error)));
      call.on('data', (bytes: Buffer) => {
        resolve(bytes);
        call.end();
      });
      call.write(message);
    });
  }

  /** Cancels what is under way and closes the connection. */
  close(): void {
    for (const call of this.#open) call.cancel();
    this.#client.close();
  }
}
