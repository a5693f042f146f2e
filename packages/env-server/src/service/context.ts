/** What every method of the service works with. */
import type { HostContext } from '@gymwire/grpc-host';
import type { EnvRegistry } from '../registry.ts';
import type { SessionStore } from '../session/session-store.ts';
import { createDecoders, type Decoders } from './decoders.ts';
import { SessionAccounts } from './session-account.ts';

interface Parts {
  readonly registry: EnvRegistry;
  readonly store: SessionStore;
  readonly maxMessageBytes: number;
  readonly maxNumEnvs: number;
  readonly maxSessions: number;
  /** Environments that are to be stepped at a time. */
  readonly capacity: number;
}

export interface ServiceContext extends Parts, HostContext {
  readonly decoders: Decoders;
  readonly accounts: SessionAccounts;
}

export function createContext(host: HostContext, parts: Parts): ServiceContext {
  return {
    ...host,
    ...parts,
    decoders: createDecoders(parts.maxNumEnvs),
    accounts: new SessionAccounts(),
  };
}
