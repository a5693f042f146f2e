/** What every method of the service works with. */
import type { Logger } from 'pino';
import type { Connections } from '../net/connections.ts';
import type { EnvRegistry } from '../registry.ts';
import type { SessionStore } from '../session/session-store.ts';
import { createDecoders, type Decoders } from './decoders.ts';
import type { Gate } from './gate.ts';
import { Places } from './line.ts';
import { LoopShares } from './loop-shares.ts';
import { ReplyRoom } from './reply-room.ts';
import { SessionAccounts } from './session-account.ts';

interface Parts {
  readonly registry: EnvRegistry;
  readonly store: SessionStore;
  readonly log: Logger;
  readonly maxMessageBytes: number;
  readonly maxNumEnvs: number;
  readonly maxSessions: number;
  readonly connections: Connections;
  readonly gate: Gate;
}

export interface ServiceContext extends Parts {
  readonly decoders: Decoders;
  readonly shares: LoopShares;
  readonly replies: ReplyRoom;
  /** For compressed requests on their way in. */
  readonly unpacking: Places;
  readonly accounts: SessionAccounts;
}

/** Of replies that have not left: from here on, requests of that connection wait, and those of all. */
const unreadBytesOfOne = 16 * 2 ** 20;
const unreadBytesOfAll = 256 * 2 ** 20;
/** Compressed requests of calls, each of which may become as large as a message may be. */
const unpackedAtOnce = 2;

export function createContext(parts: Parts): ServiceContext {
  return {
    ...parts,
    decoders: createDecoders(parts.maxNumEnvs),
    shares: new LoopShares(),
    replies: new ReplyRoom(unreadBytesOfOne, unreadBytesOfAll),
    unpacking: new Places(unpackedAtOnce),
    accounts: new SessionAccounts(),
  };
}
