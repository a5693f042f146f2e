/**
 * For programs that people start: whatever ends one, it ends in one line. An error that has a code (the port is taken, nobody
 * serves there, an option that there is not) says in its message what to do. Any other is a fault: its line says where.
 */
import { stopSignal } from './stop-signal.ts';

const exitCode = (error: unknown) => (error === stopSignal.reason ? 130 : 1);

process.on('uncaughtException', (error: unknown) => {
  console.error(lineOf(error));
  process.exit(exitCode(error));
});

function lineOf(error: unknown): string {
  if (!(error instanceof Error)) return `error FAILURE: ${String(error)}`;
  const { code } = error as { readonly code?: unknown };
  const message = error.message.replaceAll(/\s*\n\s*/g, '; ');
  if (typeof code === 'string') return `error ${code}: ${message}`;
  const [place = 'nowhere that is known'] = /(?<=^ +at ).*$/m.exec(error.stack ?? '') ?? [];
  return `error FAILURE: ${error.name}: ${message}, at ${place}`;
}

/** Ends a program for what it can tell of its own options. */
export function refuseOption(message: string): never {
  throw Object.assign(new Error(message), { code: 'INVALID_OPTION' });
}
