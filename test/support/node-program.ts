/** A program as users start it: a process of its own, which may go on until the test is over. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface ProgramResult {
  /** null when a signal ended the process. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface NodeProgram {
  /** Waits until stdout matches. @throws with all output when the process ends first */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** Waits for a line as `printed` does, on stderr. */
  noted(pattern: RegExp): Promise<RegExpExecArray>;
  /** Everything printed so far. */
  output(): string;
  /** Writes a line to its standard input. */
  type(line: string): void;
  /** Reads no more of stdout, as `head` does. */
  closeOutput(): void;
  /** Waits until it ends by itself. */
  ended(): Promise<ProgramResult>;
  /** Sends a signal if it still runs, and waits until it ends. Windows ends a process at once, whatever the signal. */
  kill(signal: NodeJS.Signals): Promise<ProgramResult>;
  /** Ends it at once, if it still runs. */
  stop(): Promise<void>;
}

/** A JavaScript program. */
export function startNodeProgram(
  path: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): NodeProgram {
  return startProgram(process.execPath, [path, ...args], cwd, env);
}

/** @param env beside this process' own */
export function startProgram(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): NodeProgram {
  const child: ChildProcess = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  let isOver = false;
  const closed = once(child, 'close').then(() => {
    isOver = true;
  });
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = async () => {
    await closed;
    return { code: child.exitCode, stdout, stderr };
  };
  const said = async (name: 'stdout' | 'stderr', pattern: RegExp) => {
    for (;;) {
      const match = pattern.exec(name === 'stdout' ? stdout : stderr);
      if (match !== null) return match;
      const stream = child[name];
      if (isOver || stream === null) {
        throw new Error(
          `${program} ${args.join(' ')}: expected ${String(pattern)}, got:\n${stdout}${stderr}`,
        );
      }
      await Promise.race([once(stream, 'data'), closed]);
    }
  };
  return {
    printed: (pattern) => said('stdout', pattern),
    noted: (pattern) => said('stderr', pattern),
    output: () => stdout,
    type: (line) => void child.stdin?.write(`${line}\n`),
    closeOutput: () => void child.stdout?.destroy(),
    ended,
    async kill(signal) {
      if (!isOver) child.kill(signal);
      return ended();
    },
    async stop() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}
