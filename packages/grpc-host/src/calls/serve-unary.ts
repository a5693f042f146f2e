/** The way of a unary call: admitted, read, carried out in its turn unless it was cancelled, answered. */
import type { MaybePromise } from '@gymwire/env';
import type { HostContext } from '../host-context.ts';
import type { Connection } from '../net/connection.ts';
import { type ByteStream, connectionOf } from './byte-stream.ts';
import { toGymwireError } from './errors.ts';
import type { LoopShares } from './loop-shares.ts';
import { UnaryCall } from './unary-call.ts';

/** A call that needs nothing but the loop. @param answer from the request's bytes to the reply's; undefined: it answers itself */
export function servePlain(
  context: HostContext,
  answer: (message: Buffer, call: UnaryCall) => MaybePromise<Buffer | undefined>,
): (stream: ByteStream) => void {
  const { shares, replies } = context;
  return serveUnary(context, async (message, call) => {
    const { connection } = call;
    const reply = await shares.take(connection, () => {
      return call.isOver ? undefined : charged(shares, connection, () => answer(message, call));
    });
    if (reply !== undefined) call.answer(reply, replies);
  });
}

/** What is done at once, at a connection's cost. */
export function charged<T>(shares: LoopShares, connection: Connection, work: () => T): T {
  const began = performance.now();
  try {
    return work();
  } finally {
    shares.charge(connection, performance.now() - began);
  }
}

/** The frame of every unary call: counted, read, carried out, answered or failed. */
export function serveUnary(
  context: HostContext,
  work: (message: Buffer, call: UnaryCall) => Promise<void>,
): (stream: ByteStream) => void {
  const { connections, gate, log } = context;
  const run = async (stream: ByteStream) => {
    const connection = connectionOf(stream, connections);
    if (connection === undefined) return;
    const call = new UnaryCall(stream, connection);
    const connected = connection.beginCall();
    call.onEnd(connected.end);
    let begin = (): void => undefined;
    try {
      begin = connections.waitOn(connection);
      call.onEnd(begin);
      const message = await call.request();
      if (message === undefined) return;
      connected.hear();
      await work(message, call);
    } catch (thrown) {
      call.fail(toGymwireError(thrown, log));
    } finally {
      begin();
      gate.goOn(stream.metadata);
    }
  };
  return (stream) => void run(stream);
}
