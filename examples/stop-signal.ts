/** Ctrl-C and SIGTERM as a signal: the first asks a program to stop after the step under way, the second ends it at once. */
const controller = new AbortController();

/** What was under way rejects with this, and the program ends with it. */
const stopped = Object.assign(new Error('stopped by Ctrl-C, or whoever ended this program'), {
  code: 'INTERRUPTED',
});

export const stopSignal: AbortSignal = controller.signal;

/** Makes Ctrl-C a request; until then, it ends a program as usual. For programs that heed `stopSignal`. */
export function stopOnRequest(): AbortSignal {
  const ask = () => {
    if (stopSignal.aborted) process.exit(130);
    controller.abort(stopped);
  };
  process.on('SIGINT', ask);
  process.on('SIGTERM', ask);
  return stopSignal;
}
