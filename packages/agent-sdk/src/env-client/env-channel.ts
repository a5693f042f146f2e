import type { Metadata } from '@grpc/grpc-js';
import { GymwireError, packageVersion } from '@gymwire/protocol';
import { EnvServiceClient, proxyOptions, refuseReadableToken } from '@gymwire/protocol/wire';
import { callUnary, type UnaryMethod } from './call-unary.ts';
import { createCallMetadata, createChannelCredentials, tlsChannelOptions } from './client-credentials.ts';
import type { ResolvedConnectOptions } from './connect-options.ts';

export type Client = InstanceType<typeof EnvServiceClient>;

/** The way to one server: a gRPC client that is replaced when its connection has broken. */
export class EnvChannel {
  readonly address: string;
  readonly options: ResolvedConnectOptions;
  readonly #metadata: Metadata;
  readonly #make: () => Client;
  readonly #closing = new AbortController();
  /** Aborted when a broken connection is not to be mended: the channel is closed, or its user waits no more. */
  readonly givenUp: AbortSignal;
  #client: Client;

  /** @throws GymwireError INVALID_ARGUMENT for a token, a certificate or a key that is none, and a token that could be read */
  constructor(address: string, options: ResolvedConnectOptions) {
    refuseReadableToken(address, options);
    this.address = address;
    this.options = options;
    this.#metadata = createCallMetadata(options.token);
    const credentials = createChannelCredentials(options.tls, address);
    this.#make = () =>
      new EnvServiceClient(address, credentials, { ...channelOptions(options), ...proxyOptions(address) });
    this.#client = this.#make();
    const { reconnectSignal } = options;
    const closed = this.#closing.signal;
    this.givenUp = reconnectSignal === undefined ? closed : AbortSignal.any([closed, reconnectSignal]);
  }

  /** @throws GymwireError CANCELLED once the channel is closed */
  get client(): Client {
    if (!this.closed.aborted) return this.#client;
    throw new GymwireError('CANCELLED', `the connection to ${this.address} was closed`);
  }

  /** Aborted once the channel is closed. */
  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  /**
   * Connects anew, unless somebody did since: gRPC would go on using a connection that is dead without knowing it,
   * and would wait, by a clock of its own, before it opens another. Streams on the old one live on if they can.
   */
  renew(broken: Client): void {
    if (broken !== this.#client || this.closed.aborted) return;
    this.#client = this.#make();
    broken.close();
  }

  /** Headers for one call. */
  metadata(): Metadata {
    return this.#metadata.clone();
  }

  /** @throws GymwireError with the server's code, SERVER_UNAVAILABLE, DEADLINE_EXCEEDED … */
  async call<Request, Response extends object>(
    method: UnaryMethod<Request, Response>,
    deadlineMs: number,
    request: Request,
  ): Promise<Response> {
    const { address, client } = this;
    return callUnary(client, method, request, { metadata: this.metadata(), deadlineMs, address });
  }

  close(): void {
    this.#closing.abort();
    this.#client.close();
  }
}

function channelOptions({ maxMessageBytes, tls }: ResolvedConnectOptions) {
  return {
    ...tlsChannelOptions(tls),
    'grpc.primary_user_agent': `gymwire-agent-sdk/${packageVersion}`,
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': maxMessageBytes,
    'grpc.keepalive_time_ms': 20_000,
    'grpc.keepalive_timeout_ms': 20_000,
    'grpc.keepalive_permit_without_calls': 1,
    // What a server offers is its operator's to say, not DNS's.
    'grpc.service_config_disable_resolution': 1,
    // Else a new client would share the connection that has just broken.
    'grpc.use_local_subchannel_pool': 1,
  };
}
