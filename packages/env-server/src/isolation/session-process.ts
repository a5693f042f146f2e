/** A child process that hosts environments: its start, its channel, what it says last, its end. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Duplex, Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { inheritedFlags } from '@gymwire/env/host';
import { readPaced } from './paced-output.ts';
import { channelFd, hasGroups, helperGroup } from './process-layout.ts';

export interface SessionProcessListeners {
  readonly onData: (chunk: Buffer) => void;
  readonly onOutput: (stream: 'stdout' | 'stderr', chunk: Buffer) => void;
  /** Once: it has ended, by itself or because it was killed, or could not be started. */
  readonly onEnd: (why: string) => void;
}

/** What is left of its output comes a moment after its end; a helper may hold the pipe open and is not waited for. */
const lastBytesMs = 500;
const tailLength = 1000;

export class SessionProcess {
  readonly #child: ChildProcess;
  readonly #channel: Duplex | undefined;
  readonly #pipes: ReadonlyArray<Readable | Writable>;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  #stderrTail = '';

  /** @param maxMemoryMb that it may hold */
  constructor(maxMemoryMb: number, { onData, onOutput, onEnd }: SessionProcessListeners) {
    const entry = fileURLToPath(new URL('./env-process.js', import.meta.url));
    const flags = [...inheritedFlags(process.execArgv), `--max-old-space-size=${maxMemoryMb}`];
    this.#child = spawn(process.execPath, [...flags, entry, String(maxMemoryMb)], {
      stdio: ['ignore', 'pipe', 'pipe', 'overlapped'],
      detached: hasGroups,
      windowsHide: true,
    });
    // Not there where a process could not be started for want of descriptors.
    const stdio = this.#child.stdio as ChildProcess['stdio'] | undefined;
    this.#pipes = (stdio ?? []).flatMap((pipe) => pipe ?? []);
    // What ends them is told by the process's end.
    for (const pipe of this.#pipes) pipe.on('error', () => undefined);
    this.#channel = stdio?.[channelFd] as Duplex | undefined;
    this.#channel?.on('data', onData);
    for (const stream of ['stdout', 'stderr'] as const) {
      const pipe = this.#child[stream];
      if (pipe === null || pipe === undefined) continue;
      const finish = readPaced(pipe, (chunk) => {
        if (stream === 'stderr')
          this.#stderrTail = (this.#stderrTail + chunk.toString()).slice(-4 * tailLength);
        onOutput(stream, chunk);
      });
      this.#child.once('exit', finish);
    }
    this.ended = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        // Also for a signal that could not be sent; then the process is still there.
        if (this.#child.pid !== undefined) return;
        onEnd(`the simulator's process could not be started: ${error.message}`);
        resolve();
      });
      this.#child.once('exit', (code, signal) => {
        this.#endHelpers();
        const told = () => {
          clearTimeout(timer);
          onEnd(`the simulator's process died (${signal ?? `exit code ${code}`})${this.#lastWords()}`);
          resolve();
        };
        const timer = setTimeout(told, lastBytesMs);
        this.#child.once('close', told);
      });
    });
    this.unref();
  }

  write(bytes: Uint8Array): void {
    this.#channel?.write(bytes);
  }

  /** It closes what is left to close, and ends. */
  leave(): void {
    this.#channel?.end();
  }

  /** Also one that is stopped or hangs, and its helpers. */
  kill(): void {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#signalGroup();
  }

  /** While it works, it keeps this process alive. */
  ref(): void {
    this.#child.ref();
  }

  unref(): void {
    this.#child.unref();
    for (const pipe of this.#pipes) (pipe as Partial<Socket>).unref?.();
  }

  /** What it started goes with it. */
  #endHelpers(): void {
    if (hasGroups) this.#signalGroup();
  }

  #signalGroup(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(helperGroup(pid), 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }

  #lastWords(): string {
    // V8's own are followed by pages of addresses.
    const text = this.#stderrTail.replace(/^-+ (Native|JavaScript) stack trace -+$[^]*/m, '').trim();
    const fatal = /^FATAL ERROR: .*$/m.exec(text)?.[0];
    return text === '' ? '' : `; the end of its stderr:\n${fatal ?? text.slice(-tailLength)}`;
  }
}
