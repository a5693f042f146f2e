import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { tooMuchMemory } from '../threads/memory-watch.ts';

/* Entry of a thread in a session's process. It ends the process when its server is gone or it holds too much memory,
   also where the thread that simulates is in an endless loop. */

export interface WardenData {
  readonly serverPid: number;
  readonly maxMemoryMb: number;
  /** Whom to kill. */
  readonly group: number;
}

const lookEveryMs = 250;
const bytesPerMb = 2 ** 20;
/** Looks that the thread which simulates has for closing when the server is gone: 5 s. */
const looksToClose = 20;

const { serverPid, maxMemoryMb, group } = workerData as WardenData;
let looksAlone = 0;

setInterval(() => {
  if (!isServerThere()) looksAlone += 1;
  if (looksAlone > looksToClose) process.kill(group, 'SIGKILL');
  const usedMb = Math.round(process.memoryUsage.rss() / bytesPerMb);
  if (usedMb <= maxMemoryMb) return;
  try {
    writeSync(2, `${tooMuchMemory(usedMb, maxMemoryMb)}\n`);
  } finally {
    process.kill(group, 'SIGKILL');
  }
}, lookEveryMs);

/** Orphans get another parent, but on Windows. */
function isServerThere(): boolean {
  if (process.ppid !== serverPid) return false;
  try {
    return process.kill(serverPid, 0);
  } catch (error) {
    // It is there, and not ours to signal.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
