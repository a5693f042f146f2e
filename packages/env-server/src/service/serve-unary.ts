/** The way of a unary call: admitted, read, carried out in its turn unless it was cancelled, answered. */

import type { MaybePromise } from '@gymwire/env';
import { chain } from '@gymwire/env/host';
import { GymwireError } from '@gymwire/protocol';
import type { Connection } from '../net/connection.ts';
import type { Session } from '../session/session.ts';
import { type ByteStream, connectionOf } from './byte-stream.ts';
import type { ServiceContext } from './context.ts';
import { toGymwireError } from './errors.ts';
import { fitting, type SessionCall } from './fitting-reply.ts';
import { isLarge } from './gate.ts';
import type { LoopShares } from './loop-shares.ts';
import { UnaryCall } from './unary-call.ts';

/** Of one session. */
const maxWaitingCalls = 64;

/** A call that needs no session. @param answer from the request's bytes to the reply's; undefined: it answers itself */
export function servePlain(
  context: ServiceContext,
  answer: (message: Buffer, call: UnaryCall) => MaybePromise<Buffer | undefined>,
): (stream: ByteStream) => void {
  const { shares, replies } = context;
  return serve(context, async (message, call) => {
    const { connection } = call;
    const reply = await shares.take(connection, () => {
      return call.isOver ? undefined : charged(shares, connection, () => answer(message, call));
    });
    if (reply !== undefined) call.answer(reply, replies);
  });
}

/** A call on a session: one after the other, and none while its connection does not read its replies. */
export function serveOnSession<Request extends { readonly sessionId: string }>(
  context: ServiceContext,
  what: SessionCall,
  decode: (message: Buffer) => Request,
  carryOut: (session: Session, request: Request) => MaybePromise<Buffer>,
): (stream: ByteStream) => void {
  const { store, accounts, shares, replies, maxMessageBytes } = context;
  return serve(context, async (message, call) => {
    const { connection } = call;
    const request = isLarge(message)
      ? await shares.take(connection, () => charged(shares, connection, () => decode(message)))
      : decode(message);
    const session = store.find(request.sessionId);
    const account = accounts.of(session);
    if (account.turn.waiting >= maxWaitingCalls) {
      throw new GymwireError('CAPACITY', `${account.turn.waiting} calls of this session wait already`);
    }
    const leave = await account.turn.take(call);
    if (leave === undefined) return;
    try {
      if (!replies.hasRoom(connection) && !(await replies.wait(connection, call))) return;
      const reply = await shares.take(account, () => {
        if (call.isOver) return undefined;
        return account.meter(shares, () =>
          chain(carryOut(session, request), (bytes) => fitting(bytes, what, maxMessageBytes, session)),
        );
      });
      // Before the next one's turn: whether there is room for it depends on this reply.
      if (reply !== undefined) call.answer(reply, replies);
    } finally {
      leave();
    }
  });
}

/** What is done at once, at a connection's cost. */
function charged<T>(shares: LoopShares, connection: Connection, work: () => T): T {
  const began = performance.now();
  try {
    return work();
  } finally {
    shares.charge(connection, performance.now() - began);
  }
}

function serve(
  context: ServiceContext,
  work: (message: Buffer, call: UnaryCall) => Promise<void>,
): (stream: ByteStream) => void {
  const { connections, log } = context;
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
      const message = await call.request(context.unpacking);
      if (message === undefined) return;
      connected.hear();
      await work(message, call);
    } catch (thrown) {
      call.fail(toGymwireError(thrown, log));
    } finally {
      begin();
    }
  };
  return (stream) => void run(stream);
}
