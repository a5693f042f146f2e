/** A pipe of a process, read no faster than a server can look at it: what native code prints waits in the pipe. */
import type { Readable } from 'node:stream';

const maxBytes = 64 * 1024;
const pauseMs = 100;

/**
 * @param later calls back after a pause; for tests
 * @returns reads on without pauses: its writer has ended
 */
export function readPaced(
  stream: Readable,
  onData: (chunk: Buffer) => void,
  later: (callback: () => void) => void = (callback) => void setTimeout(callback, pauseMs).unref(),
): () => void {
  let taken = 0;
  let isLast = false;
  stream.on('data', (chunk: Buffer) => {
    onData(chunk);
    taken += chunk.length;
    if (taken < maxBytes || isLast || stream.isPaused()) return;
    stream.pause();
    later(() => {
      taken = 0;
      stream.resume();
    });
  });
  return () => {
    isLast = true;
    stream.resume();
  };
}
