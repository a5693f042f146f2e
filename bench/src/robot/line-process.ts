/** A process whose lines are waited for. */
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, on, once } from 'node:events';
import { createInterface } from 'node:readline';

export class LineProcess {
  readonly child: ChildProcess;
  readonly #lines = new EventEmitter();
  readonly #exited: Promise<unknown>;
  /** The newest one. */
  last = '';

  constructor(command: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    this.#exited = once(this.child, 'exit');
    let complaints = '';
    this.child.stderr?.on('data', (text: Buffer) => {
      complaints = `${complaints}${text.toString()}`.slice(-4000);
    });
    const { stdout } = this.child;
    if (stdout === null) throw new Error(`${command} has no output`);
    createInterface({ input: stdout }).on('line', (line) => {
      this.last = line;
      this.#lines.emit('line', line);
    });
    this.child.on('exit', () => this.#lines.emit('error', new Error(`${args[0]} ended:\n${complaints}`)));
    // An end that nobody waits for is none that matters.
    this.#lines.on('error', () => undefined);
  }

  /** The first match from now on. @throws Error with what the process complained about, when it ends before */
  async nextMatch(pattern: RegExp, timeoutMs = 20_000): Promise<RegExpExecArray> {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      for await (const [line] of on(this.#lines, 'line', { signal })) {
        const match = pattern.exec(line as string);
        if (match !== null) return match;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    throw new Error(`${String(pattern)} did not come within ${timeoutMs} ms; the last line was ${this.last}`);
  }

  /** A line on its input. */
  type(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  async kill(): Promise<void> {
    // A process that is stopped dies all the same.
    this.child.kill('SIGKILL');
    await this.#exited;
  }
}
