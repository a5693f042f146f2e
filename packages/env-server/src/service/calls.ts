/** Calls of listed methods and reads of listed attributes: the same for the stream and for unary calls. */

import { type MaybePromise } from '@gymwire/env';
import { chain } from '@gymwire/env/host';
import { GymwireError } from '@gymwire/protocol';
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
import { toGymwireError } from './errors.ts';

/** What these need of the service. */
interface Context {
  readonly log: Logger;
  readonly maxMessageBytes: number;
}

/** For what is around a reply in its message. */
const frameBytes = 64;

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
    if (bytes + frameBytes <= maxMessageBytes) return reply;
    const fault = tooLarge(`call ${request.name}`, bytes, maxMessageBytes);
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
    if (bytes + frameBytes <= maxMessageBytes) return reply;
    throw tooLarge(`read ${request.name}`, bytes, maxMessageBytes);
  });
}

function tooLarge(what: string, bytes: number, limit: number): GymwireError {
  return new GymwireError(
    'CAPACITY',
    `${what}: what it gave has ${bytes} bytes, and a message of this server has at most ${limit}`,
  );
}
