import type { ConnectionEvent } from '../../env-client/connection-event.ts';
import type { RunEvent } from '../../run-folder/events.ts';

/** What happened to a connection or a fleet, as a line of events.jsonl has it. */
export function eventOfConnection(event: ConnectionEvent): RunEvent {
  switch (event.type) {
    case 'broken':
      return { type: 'connection', state: event.type, envId: event.envId, reason: event.reason };
    case 'attached':
    case 'replaced':
      return { type: 'connection', state: event.type, envId: event.envId, reason: null };
    case 'warning':
      return { type: 'warning', code: 'FLEET', message: event.message };
    case 'joined':
    case 'slow':
      return { type: 'host', state: event.type, host: event.host, reason: null, envIndices: null };
    case 'lost':
    case 'refused':
      return { type: 'host', state: event.type, host: event.host, reason: event.reason, envIndices: null };
    case 'moved':
      return {
        type: 'host',
        state: event.type,
        host: event.host,
        reason: null,
        envIndices: event.envIndices,
      };
  }
}
