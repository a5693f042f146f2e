import type { ExitCode } from '../exit-codes.ts';
import type { Output } from '../output.ts';

/** What `main` gives to each command. */
export interface CommandContext {
  /** Runs a command's body: gives it where to write, and turns what it throws into words and an exit code. */
  readonly run: (body: (output: Output) => Promise<ExitCode>) => Promise<void>;
}
