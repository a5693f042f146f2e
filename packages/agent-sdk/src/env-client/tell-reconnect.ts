import { GymwireError } from '@gymwire/protocol';
import { isThenable } from '../is-thenable.ts';
import type { OnReconnect, ReconnectEvent } from './connect-options.ts';

type WithoutEnvId<Event> = Event extends unknown ? Omit<Event, 'envId'> : never;
/** What a session has to tell; whose it is is added. */
export type SessionEvent = WithoutEnvId<ReconnectEvent>;

/**
 * Tells a user's `onReconnect` in the middle of a stream's events, where nobody would catch what it throws or rejects
 * with: the process would end.
 */
export function tellReconnect(
  { onReconnect }: { readonly onReconnect: OnReconnect },
  { envId }: { readonly envId: string },
  event: SessionEvent,
  failed: (error: GymwireError) => void,
): void {
  const fail = (cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `${envId}: onReconnect failed at the event "${event.type}": ${reason}`;
    failed(new GymwireError('INTERNAL', message, { cause }));
  };
  try {
    const told = onReconnect({ ...event, envId });
    if (isThenable(told)) void Promise.resolve(told).catch(fail);
  } catch (cause) {
    fail(cause);
  }
}
