import type { HostData } from '../threads/host-messages.ts';

/** What a session's process is started with. */
export interface ProcessData extends HostData {
  readonly maxMemoryMb: number;
}
