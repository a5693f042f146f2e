import type { MaybePromise } from '@gymwire/env';
import type { VectorStepResult } from '@gymwire/protocol';
import { decodeStepRequest, type wire } from '@gymwire/protocol/wire';
import type { Session } from '../session/session.ts';

/** @param request still encoded, or a message. @throws GymwireError as the codec and the session do */
export function stepAsAsked(
  session: Session,
  request: Buffer | wire.StepRequest,
): MaybePromise<VectorStepResult> {
  const { action, sequence, nextSeeds } = decodeStepRequest(request, session.numEnvs);
  return session.step(action, sequence, nextSeeds);
}
