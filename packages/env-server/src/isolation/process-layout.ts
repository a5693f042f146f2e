/** What a server and a session's process agree on before they talk. */

/** The channel's descriptor in the process: after stdin, stdout and stderr. */
export const channelFd = 3;

/** Where processes have groups, a session's process has one of its own, so that its helpers end with it. */
export const hasGroups = process.platform !== 'win32';

/** Whom to kill: the process and its helpers, or the process alone. */
export function helperGroup(pid: number): number {
  return hasGroups ? -pid : pid;
}
