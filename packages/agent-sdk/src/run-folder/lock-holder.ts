/** Who holds a run's folder, as the lock in it tells, and what can be known of that process from here. */
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { z } from 'zod';
import { systemCodeOf } from '../checkpoint/file-errors.ts';

const holderSchema = z.object({
  pid: z.int().positive(),
  hostname: z.string(),
  /** Time of its start as the operating system counts it; null where it does not say. Pids are given out again. */
  startTime: z.string().nullable(),
  /** Its namespace of pids on Linux: two containers may have one host name, and the same pids. Null elsewhere. */
  pidNamespace: z.string().nullable().default(null),
  /** Tells this lock from every other; absent in locks of older versions. */
  id: z.string().optional(),
});

export type Holder = z.infer<typeof holderSchema>;

/** Undefined for what a power cut has left. */
export function parseHolder(text: string): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Returns who has the run, for people. */
export function describeHolder({ pid, hostname: host }: Holder): string {
  return `process ${pid} on ${host}`;
}

/** This process. */
export async function ownHolder(id: string): Promise<Holder> {
  return {
    pid: process.pid,
    hostname: hostname(),
    startTime: (await processStartTime(process.pid)) ?? null,
    pidNamespace: await ownNamespace(),
    id,
  };
}

/**
 * `elsewhere`: nothing can be known of another machine's processes, nor of another container's, but that they keep up
 * their lease.
 */
export async function stateOf(holder: Holder): Promise<'alive' | 'dead' | 'elsewhere'> {
  if (holder.hostname !== hostname()) return 'elsewhere';
  if (holder.pidNamespace !== null && holder.pidNamespace !== (await ownNamespace())) return 'elsewhere';
  return (await isAlive(holder)) ? 'alive' : 'dead';
}

async function isAlive({ pid, startTime }: Holder): Promise<boolean> {
  if (startTime !== null) return (await processStartTime(pid)) === startTime;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCodeOf(error) !== 'ESRCH';
  }
}

async function ownNamespace(): Promise<string | null> {
  return readlink('/proc/self/ns/pid').catch(() => null);
}

/** Linux: ticks since boot. Undefined elsewhere, and for a process that has ended. Source: proc_pid_stat(5). */
async function processStartTime(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => undefined);
  // The name, in parentheses, may hold anything; state is field 3, start time field 22.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  const isEnded = fields?.[0] === 'Z' || fields?.[0] === 'X';
  return isEnded ? undefined : fields?.[19];
}
