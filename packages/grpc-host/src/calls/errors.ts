/** Thrown → wire, the one place on this side: what is not ours reaches the log with its stack, the wire without. */
import { GymwireError } from '@gymwire/protocol';
import { type Undecodable } from '@gymwire/protocol/wire';
import type { Logger } from 'pino';
import { complain } from '../complaints.ts';

export function toGymwireError(thrown: unknown, log: Logger): GymwireError {
  if (thrown instanceof GymwireError) {
    if (thrown.code === 'ENV_FAILED')
      complain(log, thrown.code, { err: thrown.cause ?? thrown }, thrown.message);
    return thrown;
  }
  log.error({ err: thrown }, 'fault in the server');
  return new GymwireError('INTERNAL', 'a fault in the server; its log has the details');
}

export function malformed(message: string): GymwireError {
  return new GymwireError('MALFORMED', message);
}

/** @param expected the message's name */
export function undecodable({ reason }: Undecodable, expected: string): GymwireError {
  return malformed(`a message that is no ${expected}: ${reason}`);
}
