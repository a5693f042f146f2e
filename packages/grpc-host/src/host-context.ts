/** What every hosted method works with. */
import type { Logger } from 'pino';
import type { Arrivals } from './calls/arrivals.ts';
import { type Admit, Gate } from './calls/gate.ts';
import { LoopShares } from './calls/loop-shares.ts';
import { ReplyRoom } from './calls/reply-room.ts';
import type { Connections } from './net/connections.ts';

export interface HostContext {
  readonly log: Logger;
  readonly connections: Connections;
  readonly gate: Gate;
  readonly shares: LoopShares;
  readonly replies: ReplyRoom;
}

/** Bytes of replies that have not left: from here on, requests of that connection wait, and those of all. */
const unreadBytesOfOne = 16 * 2 ** 20;
const unreadBytesOfAll = 256 * 2 ** 20;

export function createHostContext(
  connections: Connections,
  admit: Admit,
  arrivals: Arrivals,
  log: Logger,
): HostContext {
  return {
    log,
    connections,
    gate: new Gate(admit, arrivals),
    shares: new LoopShares(),
    replies: new ReplyRoom(unreadBytesOfOne, unreadBytesOfAll),
  };
}
