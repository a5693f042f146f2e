import { type CallOptions, type ClientUnaryCall, type requestCallback, status } from '@grpc/grpc-js';
import { GymwireError } from '@gymwire/protocol';
import { fromServiceError } from '@gymwire/protocol/wire';

/**
 * A unary call with a deadline, as a promise.
 * @param start starts the call with the options and the callback it is given
 * @param where what is called and at which address, for messages
 * @throws GymwireError with the server's code, or SERVER_UNAVAILABLE, DEADLINE_EXCEEDED …
 */
export function callUnary<Response>(
  start: (options: CallOptions, callback: requestCallback<Response>) => ClientUnaryCall,
  deadlineMs: number,
  where: string,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    start({ deadline: new Date(Date.now() + deadlineMs) }, (error, response) => {
      if (error?.code === status.DEADLINE_EXCEEDED) reject(expired(where, deadlineMs, error));
      else if (error !== null) reject(fromServiceError(error, where));
      else if (response === undefined) reject(new GymwireError('MALFORMED', `${where}: the reply is empty`));
      else resolve(response);
    });
  });
}

function expired(where: string, deadlineMs: number, cause: Error): GymwireError {
  return new GymwireError('DEADLINE_EXCEEDED', `${where}: no answer within ${deadlineMs} ms`, { cause });
}
