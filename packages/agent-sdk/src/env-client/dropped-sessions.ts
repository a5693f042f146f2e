/**
 * Ends the sessions of environments that were dropped without `close`: else the server keeps them, and their simulators,
 * until they have been idle for long. When the garbage collector looks is its own business, so this is a net and no
 * substitute; and a process that ends by itself or by `process.exit` ends none.
 */
import type { RemoteSession } from './remote-session.ts';

const dropped = new FinalizationRegistry<RemoteSession>((session) => {
  // Nobody is left who could be told of a fault.
  session.close().catch(() => undefined);
});

/** @param owner what users hold; the session must not refer to it */
export function closeWhenDropped(owner: object, session: RemoteSession): void {
  dropped.register(owner, session);
}
