/** The command line as users start it: a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ROOT } from '../../scripts/tools.mjs';

const program = join(ROOT, 'packages', 'cli', 'bin', 'gymwire.js');

export interface CliResult {
  /** null when a signal ended the process. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process that was started and may still run. Ends with the test, whatever happens. */
export class CliProcess {
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;
  #stdout = '';
  #stderr = '';

  constructor(args: readonly string[], cwd: string) {
    this.#child = spawn(process.execPath, [program, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.#exit = once(this.#child, 'close');
    onTestFinished(() => this.kill('SIGKILL').then(() => undefined));
  }

  /** Waits until stdout matches. @throws with all output when the process ends first */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#stdout);
      if (match !== null) return match;
      if (this.#child.stdout === null || !this.#isRunning) {
        throw new Error(`expected ${String(pattern)}, got:\n${this.#stdout}${this.#stderr}`);
      }
      await Promise.race([once(this.#child.stdout, 'data'), this.#exit]);
    }
  }

  /** Windows knows no signals: there, every one of them ends the process at once. */
  async kill(signal: NodeJS.Signals): Promise<CliResult> {
    if (this.#isRunning) this.#child.kill(signal);
    return this.ended();
  }

  async ended(): Promise<CliResult> {
    await this.#exit;
    return { code: this.#child.exitCode, stdout: this.#stdout, stderr: this.#stderr };
  }

  get #isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }
}

export function startCli(args: readonly string[], cwd: string): CliProcess {
  return new CliProcess(args, cwd);
}

/** Runs a command to its end. */
export function runCli(args: readonly string[], cwd: string): Promise<CliResult> {
  return startCli(args, cwd).ended();
}

/** `gymwire serve` on a free port. */
export async function startServer(cwd: string): Promise<{ process: CliProcess; address: string }> {
  const server = startCli(['--json', 'serve', '--port', '0'], cwd);
  const [line] = await server.printed(/^.*"type":"listening".*$/m);
  const { address } = JSON.parse(line) as { address: string };
  return { process: server, address };
}

/** The lines of --json; every one of them must be an object with a type. */
export function jsonLines(stdout: string): Array<Record<string, unknown> & { type: string }> {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => {
      const value: unknown = JSON.parse(line);
      if (typeof value !== 'object' || value === null || !('type' in value)) {
        throw new Error(`expected an object with a type, got ${line}`);
      }
      return value as Record<string, unknown> & { type: string };
    });
}
