/** Thrown → wire, the one place on this side: what is not ours reaches the log with its stack, the wire without. */
import { GymwireError } from '@gymwire/protocol';
import type { Logger } from 'pino';

export function toGymwireError(thrown: unknown, log: Logger): GymwireError {
  if (thrown instanceof GymwireError) {
    if (thrown.code === 'ENV_FAILED') log.warn({ err: thrown.cause ?? thrown }, thrown.message);
    return thrown;
  }
  log.error({ err: thrown }, 'fault in the server');
  return new GymwireError('INTERNAL', 'a fault in the server; its log has the details');
}
