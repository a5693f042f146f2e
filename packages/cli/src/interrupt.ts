/** Ctrl-C and SIGTERM as an AbortSignal: the first asks nicely, the second ends the process at once. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** Restores the usual behaviour. */
  release(): void;
}

export function onInterrupt(note: (text: string) => void, text: string): Interrupt {
  const controller = new AbortController();
  const handler = () => {
    if (controller.signal.aborted) process.exit(130);
    note(text);
    controller.abort();
  };
  process.on('SIGINT', handler);
  process.on('SIGTERM', handler);
  return {
    signal: controller.signal,
    release() {
      process.off('SIGINT', handler);
      process.off('SIGTERM', handler);
    },
  };
}
