import type { ReconnectEvent } from './connect-options.ts';

/** What happens to a fleet while it is used. */
export type FleetEvent =
  /** A host can be used from now on: one that was added to the list, or came back. */
  | { readonly type: 'joined'; readonly host: string }
  /** Nobody answers there any more, or nobody has yet. It is tried again. */
  | { readonly type: 'lost'; readonly host: string; readonly reason: string }
  /** It answers, but cannot stand in for the others. */
  | { readonly type: 'refused'; readonly host: string; readonly reason: string }
  /** These environments were made on it; where they were before, their episodes are lost. */
  | { readonly type: 'moved'; readonly host: string; readonly envIndices: readonly number[] }
  /** A step of an elastic fleet went on without it for the first time; told once of each host. */
  | { readonly type: 'slow'; readonly host: string }
  /** Something that whoever runs the fleet should put right. */
  | { readonly type: 'warning'; readonly message: string };

/** What happens to a connection while it is used: that of a session breaks, or a host of a fleet comes or goes. */
export type ConnectionEvent = ReconnectEvent | FleetEvent;

/** Those who hear what happens. They must not throw. */
export class Listeners<Event> {
  readonly #listeners = new Set<(event: Event) => void>();

  /** @returns what ends the listening */
  add(listener: (event: Event) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  tell(event: Event): void {
    for (const listener of this.#listeners) listener(event);
  }
}
