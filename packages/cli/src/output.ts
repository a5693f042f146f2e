/**
 * Where a command's words go: text for people, or one JSON object a line on stdout for machines. Whatever is in them, from a
 * policy's file or a stranger's server, a terminal shows it and does not obey it.
 */
import { harmless, harmlessJson } from './harmless-text.ts';

export interface Output {
  readonly isJson: boolean;
  /** A line for people; nothing in JSON. */
  say(text: string): void;
  /** Something that happened; nothing for people. */
  event(type: string, fields: Readonly<Record<string, unknown>>): void;
  /** Something to know that is not a result; stderr either way. */
  note(text: string): void;
  /** @param cause the code of what led to it */
  error(code: string, message: string, cause?: string): void;
  /** Aborted once stdout takes no more, as after `| head -1`. What is said from then on is lost. */
  readonly closed: AbortSignal;
}

/** Windows says EOF, a terminal that was closed EIO. */
const readerGone: ReadonlySet<string> = new Set(['EPIPE', 'EOF', 'EIO']);

export function createOutput(isJson: boolean): Output {
  const closed = new AbortController();
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (!closed.signal.aborted && !readerGone.has(error.code ?? '')) {
      process.stderr.write(`stdout: ${error.message}\n`);
    }
    closed.abort();
  });
  // Nobody is left to be told.
  process.stderr.on('error', () => undefined);
  const line = (stream: NodeJS.WriteStream, text: string) => void stream.write(`${text}\n`);
  const words = (text: string) => line(process.stderr, harmless(text));
  return {
    isJson,
    closed: closed.signal,
    say(text) {
      if (!isJson) line(process.stdout, harmless(text));
    },
    event(type, fields) {
      if (isJson) line(process.stdout, harmlessJson({ type, ...fields }));
    },
    note: words,
    error(code, message, cause) {
      if (isJson) line(process.stdout, harmlessJson({ type: 'error', code, message, cause }));
      words(`error ${code}: ${message}`);
    },
  };
}

/** Returns and lengths are shown with one decimal; exact values are in JSON and in the run folder. */
export function round(value: number, decimals = 1): string {
  return value.toFixed(decimals);
}
