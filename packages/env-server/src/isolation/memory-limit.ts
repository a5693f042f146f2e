import { totalmem } from 'node:os';

const bytesPerMb = 2 ** 20;

/** Half of the machine's memory, 4 GB at most: one session that grows without end must not take the machine along. */
export function defaultMaxMemoryMb(): number {
  return Math.min(4096, Math.floor(totalmem() / 2 / bytesPerMb));
}
