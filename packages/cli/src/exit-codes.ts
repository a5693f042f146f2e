/** What the process ends with; documented in docs/reference/errors.md. */
export const exitCodes = {
  /** All went well. */
  success: 0,
  /** A fault that has no code of its own. */
  failure: 1,
  /** Wrong arguments or options, an unknown environment, a run that exists already. */
  usage: 2,
  /** No server, a server that went away, or one that refused. */
  server: 3,
  /** A file that cannot be read or written, or is damaged. */
  file: 4,
  /** Everything ran, and the result is not good enough: a policy that fails verification, an unsolved demo, a server against the rules. */
  result: 5,
  /** Ctrl-C, or nobody reads the output any more; what was learnt is saved. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
