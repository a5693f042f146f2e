/** A call on a session: one after the other, and none while its connection does not read its replies. */
import type { MaybePromise } from '@gymwire/env';
import { chain } from '@gymwire/env/host';
import { type ByteStream, charged, isLarge, serveUnary } from '@gymwire/grpc-host';
import { GymwireError } from '@gymwire/protocol';
import type { Session } from '../session/session.ts';
import type { ServiceContext } from './context.ts';
import { fitting, type SessionCall } from './fitting-reply.ts';

/** Calls of one session that may wait. */
const maxWaitingCalls = 64;

/** @param decode the request, which names its session */
export function serveOnSession<Request extends { readonly sessionId: string }>(
  context: ServiceContext,
  what: SessionCall,
  decode: (message: Buffer) => Request,
  carryOut: (session: Session, request: Request) => MaybePromise<Buffer>,
): (stream: ByteStream) => void {
  const { store, accounts, shares, replies, maxMessageBytes } = context;
  return serveUnary(context, async (message, call) => {
    const { connection } = call;
    const request = isLarge(message)
      ? await shares.take(connection, () => charged(shares, connection, () => decode(message)))
      : decode(message);
    const session = store.find(request.sessionId);
    call.onEnd(() => store.rest(request.sessionId));
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
