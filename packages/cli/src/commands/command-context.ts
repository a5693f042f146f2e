import type { Command } from 'commander';
import type { ExitCode } from '../exit-codes.ts';
import type { Output } from '../output.ts';

/** What `main` gives to each command. */
export interface CommandContext {
  /** Runs a command's body: gives it where to write, and turns what it throws into words and an exit code. */
  readonly run: (body: (output: Output) => Promise<ExitCode>) => Promise<void>;
  /** The program with all commands and all of their flags, for who tells about them. */
  readonly allCommands: () => Promise<Command>;
}

/** What `main` is given in its turn. */
export type RunContext = Pick<CommandContext, 'run'>;
