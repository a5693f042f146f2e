/** The generated client with its sessions, for attacks that need one. */
import { credentials, type requestCallback } from '@grpc/grpc-js';
import { type SessionOptions } from '@gymwire/protocol';
import { EnvServiceClient, encodeSessionOptions, envService, type wire } from '@gymwire/protocol/wire';

const same = (bytes: Buffer): Buffer => bytes;

export class ToolClient {
  readonly #client: InstanceType<typeof EnvServiceClient>;
  readonly #sessions: string[] = [];

  constructor(address: string) {
    this.#client = new EnvServiceClient(address, credentials.createInsecure(), {
      'grpc.max_receive_message_length': -1,
      'grpc.max_send_message_length': -1,
      'grpc.use_local_subchannel_pool': 1,
    });
  }

  /** Makes a session and resets it. @returns its id */
  async make(options: SessionOptions): Promise<string> {
    const { sessionId } = await new Promise<wire.MakeSessionResponse>((resolve, reject) => {
      const done: requestCallback<wire.MakeSessionResponse> = (error, reply) => {
        if (reply === undefined) reject(error ?? new Error('no reply'));
        else resolve(reply);
      };
      this.#client.makeSession(encodeSessionOptions(options), done);
    });
    this.#sessions.push(sessionId);
    await this.call('Reset', envService.Reset.requestSerialize({ sessionId })).answer;
    return sessionId;
  }

  /** A unary call on bytes. Its answer never rejects: what becomes of it is the server's to decide. */
  call(method: string, bytes: Buffer): { readonly answer: Promise<void>; cancel(): void } {
    let cancel = (): void => undefined;
    const answer = new Promise<void>((resolve) => {
      const path = `/gymwire.v1.EnvService/${method}`;
      const call = this.#client.makeUnaryRequest(path, same, same, bytes, () => resolve());
      cancel = () => call.cancel();
    });
    return { answer, cancel };
  }

  /** Sends all on one stream without waiting. Resolves when as many answers have come, or the stream has ended. */
  async pipeline(messages: readonly Buffer[]): Promise<void> {
    const stream = this.#client.makeBidiStreamRequest(envService.Interact.path, same, same);
    await new Promise<void>((resolve) => {
      let answers = 0;
      stream.on('data', () => {
        answers += 1;
        if (answers === messages.length) resolve();
      });
      stream.on('error', () => resolve());
      stream.on('end', resolve);
      for (const bytes of messages) stream.write(bytes);
    });
    stream.end();
  }

  async close(): Promise<void> {
    for (const sessionId of this.#sessions) {
      await this.call('CloseSession', envService.CloseSession.requestSerialize({ sessionId })).answer;
    }
    this.#client.close();
  }
}
