/** gymwire.v1.OperatorService: who runs a server sees its sessions, and ends those that should not be there. */
import { createHash } from 'node:crypto';
import { type ByteStream, servePlain, toGymwireError, undecodable } from '@gymwire/grpc-host';
import { GymwireError, type SessionSummary } from '@gymwire/protocol';
import { boundedDecoder, encodeSessionSummary, operatorService, Undecodable } from '@gymwire/protocol/wire';
import type { Session } from '../session/session.ts';
import type { ServiceContext } from './context.ts';

const { ListSessions, EndSession } = operatorService;

/** To the client of a session that is ended. Another session in its place would not be what the operator wanted. */
const endedByOperator = new GymwireError('SESSION_GONE', 'the operator of this server ended the session', {
  details: { ended_by: 'operator' },
});

/** A request that is under way has so long; then its simulators are given up. */
const patienceMs = 1000;
const maxParts = 100;

/** The public name of a session: nothing can be done with it but this. */
function handleOf(session: Session): string {
  return createHash('sha256').update(session.description.sessionId).digest('hex').slice(0, 12);
}

export function createOperatorHandlers(
  context: ServiceContext,
): Record<'ListSessions' | 'EndSession', (stream: ByteStream) => void> {
  const { store, accounts, maxSessions, log } = context;
  const summaries = function* (): Generator<{ readonly session: Session; readonly summary: SessionSummary }> {
    for (const { session, isAttached } of store.open()) {
      const { spec, numEnvs } = session.description;
      const { maker, ageMs, idleMs, busyMs, calls } = accounts.of(session);
      const times = { ageMs: Math.floor(ageMs), idleMs: Math.floor(idleMs), busyMs: Math.ceil(busyMs) };
      const vector = numEnvs === undefined ? {} : { numEnvs };
      const summary = {
        handle: handleOf(session),
        envId: spec.id,
        ...vector,
        ...maker,
        ...times,
        isAttached,
        calls,
      };
      yield { session, summary };
    }
  };
  return {
    ListSessions: servePlain(context, (message) => {
      decode('ListSessionsRequest', ListSessions.requestDeserialize, message);
      const sessions = [...summaries()].map(({ summary }) => encodeSessionSummary(summary));
      return ListSessions.responseSerialize({ sessions, maxSessions });
    }),
    EndSession: servePlain(context, (message) => {
      const { handle } = decode('EndSessionRequest', EndSession.requestDeserialize, message);
      for (const { session, summary } of summaries()) {
        if (summary.handle !== handle) continue;
        log.warn({ handle, env: summary.envId }, 'session ended by the operator');
        const ending = store.end(session.description.sessionId, endedByOperator, patienceMs);
        ending.catch((thrown: unknown) => toGymwireError(thrown, log));
        return EndSession.responseSerialize({ session: encodeSessionSummary(summary) });
      }
      throw new GymwireError('SESSION_GONE', `no session ${JSON.stringify(handle)} is open here`);
    }),
  };
}

/** @throws GymwireError MALFORMED */
function decode<Request>(expected: string, read: (bytes: Buffer) => Request, message: Buffer): Request {
  const request = boundedDecoder(read, {}, maxParts)(message);
  if (request instanceof Undecodable) throw undecodable(request, expected);
  return request;
}
