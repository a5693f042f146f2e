import { exitCodes } from './exit-codes.ts';

/**
 * Ctrl-C and SIGTERM as an AbortSignal: the first asks nicely, the second ends the process at once. A reader of the
 * output who has gone asks nicely, and without words.
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
  const handler = () => {
    if (isAsked) {
      again();
      return;
    }
    isAsked = true;
    note(text);
    abort();
  };
  if (outputClosed?.aborted === true) abort();
  outputClosed?.addEventListener('abort', abort);
  process.on('SIGINT', handler);
  process.on('SIGTERM', handler);
  return {
    signal: controller.signal,
    release() {
      process.off('SIGINT', handler);
      process.off('SIGTERM', handler);
      outputClosed?.removeEventListener('abort', abort);
    },
  };
}
