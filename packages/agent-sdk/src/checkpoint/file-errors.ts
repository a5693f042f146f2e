import { AgentError, type AgentErrorCode } from '../errors.ts';

/** The one mapping from what the operating system reports to this package's codes. */
export function fileError(action: 'read' | 'write', path: string, cause: unknown): AgentError {
  if (cause instanceof AgentError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AgentError(codeOf(action, cause), `cannot ${action} ${path}: ${reason}`, { cause });
}

function codeOf(action: 'read' | 'write', cause: unknown): AgentErrorCode {
  if (action === 'read') return 'FILE_UNREADABLE';
  const systemCode = systemCodeOf(cause);
  return systemCode === 'ENOSPC' || systemCode === 'EDQUOT' ? 'DISK_FULL' : 'NOT_WRITABLE';
}

/** "ENOENT" and the like, where the operating system gave one. */
export function systemCodeOf(error: unknown): string | undefined {
  // Not by its class: Node's errors are of another realm where a test runner has one of its own.
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
