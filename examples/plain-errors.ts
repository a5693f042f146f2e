/**
 * For programs that people start: an error that has a code (the port is taken, nobody serves there, an option that there
 * is not) says in its message what to do. That is printed in one line; other errors are faults, and keep their stack.
 */
process.on('uncaughtException', (error) => {
  const { code } = error as { readonly code?: unknown };
  console.error(typeof code === 'string' ? `error ${code}: ${error.message}` : error);
  process.exit(1);
});

/** Ends a program for what it can tell of its own options. */
export function refuseOption(message: string): never {
  throw Object.assign(new Error(message), { code: 'INVALID_OPTION' });
}
