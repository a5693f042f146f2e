import { closeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { exitCodes } from './exit-codes.ts';

/**
 * Ctrl-C and SIGTERM as an AbortSignal: the first asks nicely, the second ends the process at once. A terminal that is
 * closed (SIGHUP) asks nicely, and counts for neither: shells and systemd send it along with another signal. So does a reader
 * of the output who has gone, and without words.
 */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** Restores the usual behaviour. */
  release(): void;
}

/** @param again the second signal's and the later ones' effect; default: ends the process */
export function onInterrupt(
  note: (text: string) => void,
  text: string,
  outputClosed?: AbortSignal,
  again: () => void = () => process.exit(exitCodes.interrupted),
): Interrupt {
  const controller = new AbortController();
  const abort = () => controller.abort();
  let isAsked = false;
  const ask = () => {
    if (!controller.signal.aborted) note(text);
    abort();
  };
  const handler = () => {
    if (isAsked) {
      again();
      return;
    }
    isAsked = true;
    ask();
  };
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));
  const hangUp = () => {
    process.once('exit', () => closeGone(terminals));
    ask();
  };
  if (outputClosed?.aborted === true) abort();
  outputClosed?.addEventListener('abort', abort);
  process.on('SIGINT', handler);
  process.on('SIGTERM', handler);
  process.on('SIGHUP', hangUp);
  return {
    signal: controller.signal,
    release() {
      process.off('SIGINT', handler);
      process.off('SIGTERM', handler);
      process.off('SIGHUP', hangUp);
      outputClosed?.removeEventListener('abort', abort);
    },
  };
}

/** At its end Node puts terminals back as they were, and aborts where one that it still has is gone. */
function closeGone(terminals: readonly number[]): void {
  for (const fd of terminals) if (!isatty(fd)) closeSync(fd);
}
