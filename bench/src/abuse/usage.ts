/** What a process holds, where the system tells. */
import { readdirSync, readFileSync } from 'node:fs';

export interface Usage {
  /** Resident memory, MiB. */
  readonly memory: number;
  /** Open files, connections among them. */
  readonly descriptors: number;
}

/** Linux; NaN elsewhere, and for a process that has ended. */
export function usageOf(pid: number): Usage {
  try {
    const [, kibibytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return { memory: Number(kibibytes) / 1024, descriptors: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return { memory: Number.NaN, descriptors: Number.NaN };
  }
}

export function highest(a: Usage, b: Usage): Usage {
  return {
    memory: Math.max(a.memory, b.memory),
    descriptors: Math.max(a.descriptors, b.descriptors),
  };
}
