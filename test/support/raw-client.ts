/** The bare generated client, for what a well-behaved client never does. */
import { credentials, type ServiceError } from '@grpc/grpc-js';
import {
  EnvServiceClient,
  type EnvServiceDefinition,
  envService,
  fromServiceError,
} from '@gymwire/protocol/wire';
import { onTestFinished } from 'vitest';

type Name = Exclude<keyof EnvServiceDefinition, 'Interact'>;
type RequestOf<N extends Name> = Parameters<EnvServiceDefinition[N]['requestSerialize']>[0];
type ReplyOf<N extends Name> = ReturnType<EnvServiceDefinition[N]['responseDeserialize']>;

export interface RawCall<Reply> {
  /** Rejects with a GymwireError. */
  readonly reply: Promise<Reply>;
  cancel(): void;
}

export interface RawClient {
  readonly client: InstanceType<typeof EnvServiceClient>;
  start<N extends Name>(name: N, request: RequestOf<N>): RawCall<ReplyOf<N>>;
  call<N extends Name>(name: N, request: RequestOf<N>): Promise<ReplyOf<N>>;
  /** Makes a session of this environment. @returns its id */
  make(envId: string, numEnvs?: number): Promise<string>;
}

/** On a connection of its own, which ends with the test. */
export function createRawClient(address: string): RawClient {
  const client = new EnvServiceClient(address, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.max_send_message_length': -1,
    'grpc.max_receive_message_length': -1,
  });
  onTestFinished(() => client.close());
  const start: RawClient['start'] = (name, request) => {
    const { path, requestSerialize, responseDeserialize } = envService[name];
    let cancel = (): void => undefined;
    const reply = new Promise<ReplyOf<typeof name>>((resolve, reject) => {
      const call = client.makeUnaryRequest(
        path,
        requestSerialize as (request: object) => Buffer,
        responseDeserialize as (bytes: Buffer) => ReplyOf<typeof name>,
        request,
        (error: ServiceError | null, answer) => {
          if (error !== null) reject(fromServiceError(error, 'test'));
          else if (answer !== undefined) resolve(answer);
        },
      );
      cancel = () => call.cancel();
    });
    // Whoever looks at it hears of it.
    reply.catch(() => undefined);
    return { reply, cancel };
  };
  const call: RawClient['call'] = (name, request) => start(name, request).reply;
  return {
    client,
    start,
    call,
    async make(envId, numEnvs) {
      const request = { envId, ...(numEnvs === undefined ? {} : { numEnvs }) };
      return (await call('MakeSession', request)).sessionId;
    },
  };
}
