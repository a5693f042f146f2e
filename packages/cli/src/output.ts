/** Where a command's words go: text for people, or one JSON object a line on stdout for machines. */

export interface Output {
  readonly isJson: boolean;
  /** A line for people; nothing in JSON. */
  say(text: string): void;
  /** Something that happened; nothing for people. */
  event(type: string, fields: Readonly<Record<string, unknown>>): void;
  /** Something to know that is not a result; stderr either way. */
  note(text: string): void;
  error(code: string, message: string): void;
}

export function createOutput(isJson: boolean): Output {
  const line = (stream: NodeJS.WriteStream, text: string) => void stream.write(`${text}\n`);
  return {
    isJson,
    say(text) {
      if (!isJson) line(process.stdout, text);
    },
    event(type, fields) {
      if (isJson) line(process.stdout, JSON.stringify({ type, ...fields }));
    },
    note: (text) => line(process.stderr, text),
    error(code, message) {
      if (isJson) line(process.stdout, JSON.stringify({ type: 'error', code, message }));
      line(process.stderr, `error ${code}: ${message}`);
    },
  };
}

/** Returns and lengths are shown with one decimal; exact values are in JSON and in the run folder. */
export function round(value: number, decimals = 1): string {
  return value.toFixed(decimals);
}
