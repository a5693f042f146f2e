/** Calls that carry no token and concern no session: they have small requests, and make no connection one that is in use. */
import { type MaybePromise } from '@gymwire/env';
import type { HostContext } from '../host-context.ts';
import { type ByteStream, connectionOf } from './byte-stream.ts';
import { toGymwireError } from './errors.ts';
import { charged } from './serve-unary.ts';
import { UnaryCall } from './unary-call.ts';

/** A call of which gRPC's own code says more than one of ours. */
export interface BareStatus {
  readonly code: number;
  readonly details: string;
}

/** One request, one reply. @param answer undefined: it answers itself */
export function serveOpen(
  context: HostContext,
  answer: (message: Buffer, call: UnaryCall, stream: ByteStream) => Buffer | BareStatus | undefined,
): (stream: ByteStream) => void {
  return (stream) => {
    const call = openCall(context, stream);
    if (call === undefined) return;
    const run = async () => {
      const message = await call.request();
      if (message === undefined) return;
      const reply = await inTurn(context, call, () => answer(message, call, stream));
      if (Buffer.isBuffer(reply)) call.answer(reply, context.replies);
      else if (reply !== undefined) call.failWith(reply);
    };
    run().catch((thrown: unknown) => call.fail(toGymwireError(thrown, context.log)));
  };
}

/** Replies to one request after the other, the next one when the last reply has left. */
export function serveEach(
  context: HostContext,
  answer: (message: Buffer) => Buffer,
): (stream: ByteStream) => void {
  const { replies, log } = context;
  return (stream) => {
    const call = openCall(context, stream);
    if (call === undefined) return;
    const reply = async (message: Buffer) => {
      const { connection } = call;
      if (!replies.hasRoom(connection) && !(await replies.wait(connection, call))) return;
      const bytes = await inTurn(context, call, () => answer(message));
      if (bytes !== undefined) await call.send(bytes, replies);
    };
    let last: Promise<void> = Promise.resolve();
    stream.on('data', (message: Buffer) => {
      stream.pause();
      last = reply(message).then(
        () => void stream.resume(),
        (thrown: unknown) => call.fail(toGymwireError(thrown, log)),
      );
    });
    stream.on('end', () => void last.then(() => stream.end()));
  };
}

/** @returns undefined where it is over already */
function openCall({ connections }: HostContext, stream: ByteStream): UnaryCall | undefined {
  // Its end is told by `cancelled`.
  stream.on('error', () => undefined);
  const connection = connectionOf(stream, connections);
  return connection === undefined ? undefined : new UnaryCall(stream, connection);
}

/** In the connection's share of the loop. */
function inTurn<T>({ shares }: HostContext, call: UnaryCall, work: () => T): MaybePromise<T | undefined> {
  const { connection } = call;
  return shares.take(connection, () => (call.isOver ? undefined : charged(shares, connection, work)));
}
