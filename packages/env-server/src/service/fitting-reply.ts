/**
 * Replies are measured here, before gRPC does it: it would end a stream for one that is too large, and with a status that
 * says nothing of gymwire's.
 */
import { GymwireError } from '@gymwire/protocol';
import type { Session } from '../session/session.ts';
import { frameBytes } from '../slots/reply-budget.ts';

export function fits(bytes: number, maxMessageBytes: number): boolean {
  return bytes + frameBytes <= maxMessageBytes;
}

/** What requests of a session ask for, as errors name it. */
export type SessionCall = 'reset' | 'step' | 'render' | 'call' | 'read';

/**
 * @param session whose request it answers; where its environments have moved for that, the session takes it back
 * @returns the reply. @throws GymwireError CAPACITY when no message has room for it
 */
export function fitting(
  reply: Buffer,
  what: SessionCall | 'list' | 'make',
  maxMessageBytes: number,
  session?: Session,
): Buffer {
  if (fits(reply.length, maxMessageBytes)) return reply;
  const hasMoved = what === 'reset' || what === 'step';
  if (hasMoved) session?.takeBack();
  const hint = hasMoved ? '; it is not sent, and the session must be reset' : '';
  throw tooLarge(`${what}: its reply has`, reply.length, maxMessageBytes, hint);
}

/** @param what "step: its reply has" */
export function tooLarge(what: string, bytes: number, maxMessageBytes: number, hint = ''): GymwireError {
  const message = `${what} ${bytes} bytes, and a message of this server has at most ${maxMessageBytes}${hint}`;
  return new GymwireError('CAPACITY', message);
}
