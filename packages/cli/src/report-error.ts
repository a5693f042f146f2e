/** Thrown → exit code and one line for people, or one JSON object for machines. */
import { AgentError } from '@gymwire/agent-sdk';
import { ExporterError } from '@gymwire/exporter';
import { GymwireError } from '@gymwire/protocol';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { Output } from './output.ts';
import { UsageError } from './usage-error.ts';

type Coded = AgentError | ExporterError | GymwireError | UsageError;

const codesByExit: ReadonlyMap<ExitCode, ReadonlySet<string>> = new Map([
  [
    exitCodes.usage,
    new Set([
      'USAGE',
      'INVALID_OPTION',
      'INVALID_ARGUMENT',
      'UNKNOWN_ARGUMENT',
      'UNKNOWN_ENV',
      'UNSUPPORTED',
      'UNSUPPORTED_SPACE',
      'INVALID_ACTION_BOUNDS',
      'INVALID_USER_METADATA',
      'BACKEND_UNAVAILABLE',
      'RUN_EXISTS',
      'RUN_BUSY',
      'RUN_LOST',
      'RUN_NOT_FOUND',
      'POLICY_NOT_FOUND',
      'CONFIG_MISMATCH',
      'ENV_MISMATCH',
      'EPISODE_ENDLESS',
      // A policy on an environment that it does not fit.
      'OBSERVATION_SIZE',
      'OBSERVATION_STRUCTURE',
      'BAD_ACTION',
    ]),
  ],
  [
    exitCodes.server,
    new Set([
      'SERVER_UNAVAILABLE',
      'DEADLINE_EXCEEDED',
      'CANCELLED',
      'NOT_GYMWIRE',
      'VERSION_MISMATCH',
      'CAPACITY',
      'SESSION_GONE',
      'SESSION_BUSY',
      'SHUTTING_DOWN',
      'UNAUTHENTICATED',
      'TLS_FAILED',
      'EPISODE_LOST',
    ]),
  ],
  [
    exitCodes.file,
    new Set([
      'NOT_WRITABLE',
      'DISK_FULL',
      'FILE_UNREADABLE',
      'FILE_FOREIGN',
      'FILE_VERSION',
      'FILE_CORRUPT',
      'UNREADABLE_FILE',
      'UNWRITABLE_FILE',
      'NOT_ONNX',
      'FOREIGN_MODEL',
      'UNSUPPORTED_FORMAT',
      'CORRUPT_WEIGHTS',
      'CORRUPT_MODEL',
      'DERIVED_MODEL',
      'INVALID_METADATA',
      'UNEXPECTED_GRAPH',
    ]),
  ],
]);

function isCoded(thrown: unknown): thrown is Coded {
  return (
    thrown instanceof AgentError ||
    thrown instanceof ExporterError ||
    thrown instanceof GymwireError ||
    thrown instanceof UsageError
  );
}

/** Prints what went wrong. @returns the exit code; that of the cause where training failed because of it */
export function reportError(thrown: unknown, output: Output): ExitCode {
  if (!isCoded(thrown)) {
    const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    output.error('FAILURE', text);
    return exitCodes.failure;
  }
  const cause = isCoded(thrown.cause) ? thrown.cause : undefined;
  output.error(thrown.code, thrown.message, cause?.code);
  return exitCodeOf(thrown.code, cause?.code);
}

/** @param cause the code of what led to it @returns the exit code; that of the cause where training failed because of it */
export function exitCodeOf(code: string, cause?: string): ExitCode {
  const decisive = code === 'TRAINING_FAILED' && cause !== undefined ? cause : code;
  for (const [exit, codes] of codesByExit) {
    if (codes.has(decisive)) return exit;
  }
  return exitCodes.failure;
}
