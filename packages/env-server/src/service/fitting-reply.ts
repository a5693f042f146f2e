/**
 * Replies are measured here, before gRPC does it: it would end a stream for one that is too large, and with a status that
 * says nothing of gymwire's.
 */
import { GymwireError } from '@gymwire/protocol';
import { frameBytes } from '../session/reply-budget.ts';
import type { Session } from '../session/session.ts';

export function fits(bytes: number, maxMessageBytes: number): boolean {
  return bytes + frameBytes <= maxMessageBytes;
}

/**
 * @param moved whose environments have moved for it: it takes that back, as far as that is possible
 * @returns the reply. @throws GymwireError CAPACITY when no message has room for it
 */
export function fitting(reply: Buffer, what: string, maxMessageBytes: number, moved?: Session): Buffer {
  if (fits(reply.length, maxMessageBytes)) return reply;
  moved?.takeBack();
  const hint = moved === undefined ? '' : '; it is not sent, and the session must be reset';
  throw tooLarge(`${what}: its reply has`, reply.length, maxMessageBytes, hint);
}

/** @param what "step: its reply has" */
export function tooLarge(what: string, bytes: number, maxMessageBytes: number, hint = ''): GymwireError {
  const message = `${what} ${bytes} bytes, and a message of this server has at most ${maxMessageBytes}${hint}`;
  return new GymwireError('CAPACITY', message);
}
