import { open, readFile, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { fileError, systemCodeOf } from '../checkpoint/file-errors.ts';
import { AgentError } from '../errors.ts';

/** Beside a run's files while a training writes them. */
export const runLockName = '.gymwire-lock';

const holderSchema = z.object({
  pid: z.int().positive(),
  hostname: z.string(),
  /** As the operating system counts it; null where it does not say. Pids are given out again. */
  startTime: z.string().nullable(),
});

type Holder = z.infer<typeof holderSchema>;

/**
 * Keeps other trainings out of a folder until the function that it returns is called. The lock of a process that
 * is no more, on this machine, is taken over: a run that was killed can be resumed.
 * @throws AgentError RUN_BUSY, NOT_WRITABLE, DISK_FULL
 */
export async function lockRunFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, runLockName);
  try {
    const startTime = (await processStartTime(process.pid)) ?? null;
    const own: Holder = { pid: process.pid, hostname: hostname(), startTime };
    while (!(await create(path, JSON.stringify(own)))) await removeStale(folder, path);
  } catch (cause) {
    throw fileError('write', folder, cause);
  }
  return () => rm(path, { force: true });
}

/** False when the lock is there already. */
async function create(path: string, text: string): Promise<boolean> {
  const file = await open(path, 'wx').catch((error: unknown) => {
    if (systemCodeOf(error) === 'EEXIST') return undefined;
    throw error;
  });
  if (file === undefined) return false;
  try {
    await file.writeFile(text);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  return true;
}

async function removeStale(folder: string, path: string): Promise<void> {
  const text = await readWritten(path);
  if (text === undefined) return;
  const holder = parseHolder(text);
  if (holder !== undefined && (await isAlive(holder))) {
    throw new AgentError(
      'RUN_BUSY',
      `${folder}: a training is under way there (process ${holder.pid} on ${holder.hostname}); ` +
        `if there is none, delete ${path}`,
    );
  }
  // Aside first: where two take over at once, the second must not remove the lock of the first.
  const aside = `${path}.${process.pid}`;
  await rename(path, aside).catch(ignoreMissing);
  const moved = await readFile(aside, 'utf8').catch(ignoreMissing);
  if (moved === text) await rm(aside, { force: true });
  else if (moved !== undefined) await rename(aside, path);
}

/** Between making the lock and filling it there is a moment. Undefined: it is gone. */
async function readWritten(path: string): Promise<string | undefined> {
  for (let tries = 10; ; tries--) {
    const text = await readFile(path, 'utf8').catch(ignoreMissing);
    if (text !== '' || tries === 0) return text;
    await wait(50);
  }
}

function ignoreMissing(error: unknown): undefined {
  if (systemCodeOf(error) !== 'ENOENT') throw error;
}

/** Undefined for what a power cut has left. */
function parseHolder(text: string): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

async function isAlive(holder: Holder): Promise<boolean> {
  // Nothing can be known of another machine's processes.
  if (holder.hostname !== hostname()) return true;
  if (holder.startTime !== null) return (await processStartTime(holder.pid)) === holder.startTime;
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    return systemCodeOf(error) !== 'ESRCH';
  }
}

/** Linux: ticks since boot. Undefined elsewhere, and for a process that has ended. Source: proc_pid_stat(5). */
async function processStartTime(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => undefined);
  // The name, in parentheses, may hold anything; state is field 3, start time field 22.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  const isEnded = fields?.[0] === 'Z' || fields?.[0] === 'X';
  return isEnded ? undefined : fields?.[19];
}
