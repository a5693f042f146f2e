/** One channel to one server, after the handshake. */
import { credentials } from '@grpc/grpc-js';
import {
  decodeEnvSpec,
  decodeSessionDescription,
  EnvServiceClient,
  type EnvSpec,
  encodeSessionOptions,
  type ServerDescription,
  type SessionOptions,
  type wire,
} from '@gymwire/protocol';
import { callUnary } from './call-unary.ts';
import { EnvClient } from './env-client.ts';
import { checkAddress, shakeHands } from './handshake.ts';
import { SessionStream } from './session-stream.ts';
import { VectorEnvClient } from './vector-env-client.ts';

type Client = InstanceType<typeof EnvServiceClient>;

export interface ConnectOptions {
  /** For the handshake; default 5 s. */
  readonly connectTimeoutMs?: number;
  /** For every later call: how long a simulator may take for one reset or step; default 60 s. */
  readonly deadlineMs?: number;
  /** Largest message in either direction; default 64 MiB. */
  readonly maxMessageBytes?: number;
}

/** What a session is made from, without the id. */
export type MakeOptions = Omit<SessionOptions, 'envId' | 'numEnvs' | 'autoresetMode'>;

export interface MakeVectorOptions extends Omit<SessionOptions, 'envId'> {
  readonly numEnvs: number;
}

export interface EnvConnection {
  readonly address: string;
  readonly server: ServerDescription;
  listEnvs(): Promise<EnvSpec[]>;
  /** Makes one environment. @throws GymwireError with the server's code */
  make(envId: string, options?: MakeOptions): Promise<EnvClient>;
  /** Makes `numEnvs` environments that are stepped together. */
  makeVector(envId: string, options: MakeVectorOptions): Promise<VectorEnvClient>;
  /** Closes the channel. Sessions that were not closed stay on the server until they are idle for too long. */
  close(): void;
}

/**
 * Connects and shakes hands.
 * @param address "host:port"
 * @throws GymwireError INVALID_ARGUMENT, SERVER_UNAVAILABLE, VERSION_MISMATCH, NOT_GYMWIRE, DEADLINE_EXCEEDED
 */
export async function connect(address: string, options: ConnectOptions = {}): Promise<EnvConnection> {
  const { connectTimeoutMs = 5_000, deadlineMs = 60_000, maxMessageBytes = 64 * 2 ** 20 } = options;
  checkAddress(address);
  const client = new EnvServiceClient(address, credentials.createInsecure(), {
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': maxMessageBytes,
    'grpc.keepalive_time_ms': 20_000,
    'grpc.keepalive_timeout_ms': 20_000,
    'grpc.keepalive_permit_without_calls': 1,
    // What a server offers is its operator's to say, not DNS's.
    'grpc.service_config_disable_resolution': 1,
  });
  try {
    const server = await shakeHands(client, address, connectTimeoutMs);
    return createConnection(client, address, server, deadlineMs);
  } catch (error) {
    client.close();
    throw error;
  }
}

function createConnection(
  client: Client,
  address: string,
  server: ServerDescription,
  deadlineMs: number,
): EnvConnection {
  const open = async (sessionOptions: SessionOptions) => {
    const request = encodeSessionOptions(sessionOptions);
    const reply = await callUnary<wire.MakeSessionResponse>(
      (callOptions, callback) => client.makeSession(request, callOptions, callback),
      deadlineMs,
      `MakeSession at ${address}`,
    );
    const description = decodeSessionDescription(reply);
    const stream = new SessionStream(client, description.sessionId, address, deadlineMs);
    await stream.attach();
    return { description, stream };
  };
  return {
    address,
    server,
    async listEnvs() {
      const reply = await callUnary<wire.ListEnvsResponse>(
        (callOptions, callback) => client.listEnvs({}, callOptions, callback),
        deadlineMs,
        `ListEnvs at ${address}`,
      );
      return reply.envs.map(decodeEnvSpec);
    },
    async make(envId, makeOptions = {}) {
      const { description, stream } = await open({ envId, ...makeOptions });
      return new EnvClient(description, stream);
    },
    async makeVector(envId, makeOptions) {
      const { description, stream } = await open({ envId, ...makeOptions });
      return new VectorEnvClient(description, stream);
    },
    close: () => client.close(),
  };
}
