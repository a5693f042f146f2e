/** What every method of the service works with. */
import type { Logger } from 'pino';
import type { Connections } from '../net/connections.ts';
import type { EnvRegistry } from '../registry.ts';
import type { SessionStore } from '../session/session-store.ts';
import type { Decoders } from './decoders.ts';
import type { Places } from './line.ts';
import type { LoopShares } from './loop-shares.ts';
import type { Pace } from './pace.ts';
import type { ReplyRoom } from './reply-room.ts';
import type { SessionAccounts } from './session-account.ts';

export interface ServiceContext {
  readonly registry: EnvRegistry;
  readonly store: SessionStore;
  readonly log: Logger;
  readonly maxMessageBytes: number;
  readonly maxNumEnvs: number;
  readonly decoders: Decoders;
  readonly connections: Connections;
  readonly shares: LoopShares;
  readonly replies: ReplyRoom;
  /** For compressed requests on their way in. */
  readonly unpacking: Places;
  readonly pace: Pace;
  readonly accounts: SessionAccounts;
}
