/** Where the time of a step goes: what each process on its way works, and how often one is woken. Linux tells. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Row } from '../support/report.ts';

/** What one thread has worked so far. */
interface Work {
  readonly nanoseconds: number;
  /** Times that it waited for something and was woken. */
  readonly waits: number;
  readonly isGrpcs: boolean;
}

/** By process and thread. */
type Snapshot = ReadonlyMap<number, ReadonlyMap<string, Work>>;

/** What all processes of a step have worked, of so many steps. */
export class StepParts {
  readonly #client: number;
  readonly #server: number;
  readonly #sums = new Map<string, number>();
  #steps = 0;

  constructor(client: number, server: number) {
    this.#client = client;
    this.#server = server;
  }

  /** Around steps of this client, while nobody else asks the server. */
  async during<T>(steps: number, run: () => Promise<T>): Promise<T> {
    const before = this.#look();
    const result = await run();
    const after = this.#look();
    this.#steps += steps;
    for (const [pid, threads] of after) this.#add(pid, threads, before.get(pid));
    return result;
  }

  /** µs of a processor for one step; undefined where nothing is known. */
  row(subject: string): Row | undefined {
    if (this.#sums.size === 0) return undefined;
    const each = (name: string) => (this.#sums.get(name) ?? 0) / this.#steps;
    const us = (name: string) => Math.round(each(name) / 1e3);
    return {
      subject,
      client: us('client'),
      'its gRPC': us('client gRPC'),
      server: us('server'),
      'its gRPC ': us('server gRPC'),
      'session’s processes': us('session') + us('session gRPC'),
      'wake-ups': each('waits').toFixed(1),
    };
  }

  #look(): Snapshot {
    const pids = [this.#client, ...withDescendants(this.#server)];
    return new Map(pids.map((pid) => [pid, workOf(pid)]));
  }

  #add(pid: number, threads: ReadonlyMap<string, Work>, before: ReadonlyMap<string, Work> | undefined): void {
    const place = pid === this.#client ? 'client' : pid === this.#server ? 'server' : 'session';
    for (const [id, { nanoseconds, waits, isGrpcs }] of threads) {
      const earlier = before?.get(id);
      const name = isGrpcs ? `${place} gRPC` : place;
      this.#count(name, nanoseconds - (earlier?.nanoseconds ?? 0));
      this.#count('waits', waits - (earlier?.waits ?? 0));
    }
  }

  #count(name: string, more: number): void {
    this.#sums.set(name, (this.#sums.get(name) ?? 0) + more);
  }
}

function workOf(pid: number): Map<string, Work> {
  return new Map(
    listed(`/proc/${pid}/task`).flatMap((id): [string, Work][] => {
      const folder = `/proc/${pid}/task/${id}`;
      try {
        // The first number is the time on a core, in nanoseconds.
        const [nanoseconds] = readFileSync(`${folder}/schedstat`, 'utf8').split(' ').map(Number);
        const [, waits] =
          /^voluntary_ctxt_switches:\s+(\d+)/m.exec(readFileSync(`${folder}/status`, 'utf8')) ?? [];
        const isGrpcs = readFileSync(`${folder}/comm`, 'utf8').startsWith('event_engine');
        return [[id, { nanoseconds, waits: Number(waits), isGrpcs }]];
      } catch {
        // It has ended meanwhile.
        return [];
      }
    }),
  );
}

function withDescendants(pid: number): number[] {
  const children = listed(`/proc/${pid}/task`).flatMap((id) => {
    try {
      return readFileSync(`/proc/${pid}/task/${id}/children`, 'utf8')
        .trim()
        .split(/\s+/)
        .filter(Boolean)
        .map(Number);
    } catch {
      return [];
    }
  });
  return [pid, ...children.flatMap(withDescendants)];
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
