/** Calls of listed methods and reads of listed attributes: the same for the stream and for unary calls. */

import { type MaybePromise } from '@gymwire/env';
import { chain } from '@gymwire/env/host';
import { toGymwireError } from '@gymwire/grpc-host';
import {
  decodeAttributeRead,
  decodeMethodCall,
  encodeAttributeValues,
  encodeCallOutcome,
  envService,
  type wire,
} from '@gymwire/protocol/wire';
import type { Logger } from 'pino';
import type { Session } from '../session/session.ts';
import { fits, tooLarge } from './fitting-reply.ts';

/** What these need of the service. */
interface Context {
  readonly log: Logger;
  readonly maxMessageBytes: number;
}

export function callMethod(
  session: Session,
  request: wire.CallMethodRequest,
  { maxMessageBytes, log }: Context,
): MaybePromise<wire.CallMethodResponse> {
  return chain(session.callMethod(decodeMethodCall(request), request.sequence), (outcome) => {
    // A method's own fault is an answer here; the log gets it as it gets a step's.
    if (outcome.fault !== undefined) toGymwireError(outcome.fault, log);
    const reply = encodeCallOutcome(outcome, session.lastSequence);
    const bytes = envService.CallMethod.responseSerialize(reply).length;
    if (fits(bytes, maxMessageBytes)) return reply;
    const fault = tooLarge(`call ${request.name}: what it gave has`, bytes, maxMessageBytes);
    return encodeCallOutcome({ fault }, session.lastSequence);
  });
}

export function readAttribute(
  session: Session,
  request: wire.ReadAttributeRequest,
  { maxMessageBytes }: Context,
): MaybePromise<wire.ReadAttributeResponse> {
  return chain(session.readAttribute(decodeAttributeRead(request)), (values) => {
    const reply = encodeAttributeValues(values);
    const bytes = envService.ReadAttribute.responseSerialize(reply).length;
    if (fits(bytes, maxMessageBytes)) return reply;
    throw tooLarge(`read ${request.name}: what it gave has`, bytes, maxMessageBytes);
  });
}
