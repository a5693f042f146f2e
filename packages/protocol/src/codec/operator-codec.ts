/** What an operator sees ⇄ wire messages. */
import type {
  SessionSummary__Output,
  SessionSummary as WireSummary,
} from '../generated/gymwire/v1/SessionSummary.ts';
import type { SessionSummary } from '../session.ts';

export function encodeSessionSummary({ isAttached, ...summary }: SessionSummary): WireSummary {
  return { ...summary, attached: isAttached };
}

export function decodeSessionSummary(wire: SessionSummary__Output): SessionSummary {
  const { handle, envId, numEnvs, peer, client, attached: isAttached } = wire;
  return {
    handle,
    envId,
    ...(numEnvs === undefined ? {} : { numEnvs }),
    peer,
    client,
    ageMs: Number(wire.ageMs),
    idleMs: Number(wire.idleMs),
    busyMs: Number(wire.busyMs),
    isAttached,
    calls: Number(wire.calls),
  };
}
