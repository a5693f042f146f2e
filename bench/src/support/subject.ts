/**
 * A subject is a process that is kept alive while others are measured. It says on stdout that it is ready, then
 * answers each line on its stdin, `{"count": 100}`, with how long 100 units of its work took.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import type { Placement } from './placement.ts';

export interface SubjectSpec {
  readonly name: string;
  /** Undefined: what would run it is not installed. */
  readonly command: string | undefined;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** What a subject says about itself when it stands. */
export interface SubjectIntroduction {
  readonly version: string;
  /** What its time covers. */
  readonly includes: string;
  /** Where its work is not the same as TD3's on our side; empty: it is. */
  readonly differs: string;
}

export interface Interval {
  readonly seconds: number;
  /** Time of all its threads, and of processes that work for it. */
  readonly cpuSeconds: number;
  /** Nanoseconds of each unit, where a subject takes them one by one. */
  readonly series?: readonly number[];
  /** Whatever else the bench asked it to look at. */
  readonly extra?: Readonly<Record<string, number>>;
}

/** What a subject writes: libraries write to stdout too, so its own lines begin with this mark. */
export const mark = '#bench ';

export type SubjectMessage =
  | ({ readonly kind: 'ready' } & SubjectIntroduction)
  | ({ readonly kind: 'interval' } & Interval)
  | { readonly kind: 'missing'; readonly reason: string };

/** The subject cannot run here; the message says why. */
export class SubjectMissing extends Error {}

export class Subject {
  readonly name: string;
  readonly introduction: SubjectIntroduction;
  readonly #child: ChildProcess;
  readonly #messages: AsyncIterator<SubjectMessage>;

  private constructor(
    name: string,
    introduction: SubjectIntroduction,
    child: ChildProcess,
    messages: AsyncIterator<SubjectMessage>,
  ) {
    this.name = name;
    this.introduction = introduction;
    this.#child = child;
    this.#messages = messages;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** @throws SubjectMissing */
  static async start(spec: SubjectSpec, placement: Placement): Promise<Subject> {
    if (spec.command === undefined) throw new SubjectMissing('no Python that has it');
    const [command, args] = placement.place(spec.command, spec.args);
    const env = { ...process.env, ...placement.environment, ...spec.environment };
    const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    const errors = keepLast(child);
    const failed = once(child, 'error').then(([error]) => {
      throw new SubjectMissing((error as Error).message);
    });
    if (child.stdout === null) throw new Error(`${spec.name}: no stdout`);
    const messages = readMessages(createInterface({ input: child.stdout }), errors);
    const first = await Promise.race([messages.next(), failed]);
    failed.catch(() => undefined);
    const message = first.done === true ? undefined : first.value;
    if (message?.kind === 'ready') return new Subject(spec.name, message, child, messages);
    child.kill();
    throw new SubjectMissing(message?.kind === 'missing' ? message.reason : errors());
  }

  async run(count: number, request: Readonly<Record<string, unknown>> = {}): Promise<Interval> {
    this.#child.stdin?.write(`${JSON.stringify({ count, ...request })}\n`);
    const next = await this.#messages.next();
    if (next.done === true || next.value.kind !== 'interval') throw new Error(`${this.name} ended early`);
    return next.value;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.stdin?.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
    await exit;
    clearTimeout(timer);
  }
}

async function* readMessages(lines: Interface, errors: () => string): AsyncGenerator<SubjectMessage> {
  for await (const line of lines) {
    if (line.startsWith(mark)) yield JSON.parse(line.slice(mark.length)) as SubjectMessage;
    else if (process.env.GYMWIRE_BENCH_VERBOSE !== undefined) console.error(line);
  }
  if (process.env.GYMWIRE_BENCH_VERBOSE !== undefined) console.error(errors());
}

/** @returns what the process wrote to stderr last */
function keepLast(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-2000);
  });
  return () => text.trim().split('\n').slice(-3).join(' | ') || 'the process ended without a word';
}
