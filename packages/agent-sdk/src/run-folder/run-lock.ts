/**
 * One training a folder. The lock is a file beside the run's. Of a process on this machine it holds as long as that lives;
 * of any other, as long as its content changes: its owner adds to it every few seconds, and whoever wants the folder watches
 * it by a clock of his own, so that the clocks of two machines need not agree.
 */
import { randomBytes } from 'node:crypto';
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileError, systemCodeOf } from '../checkpoint/file-errors.ts';
import { AgentError } from '../errors.ts';
import { describeHolder, type Holder, ownHolder, parseHolder, stateOf } from './lock-holder.ts';

/** Beside a run's files while a training writes them. */
export const runLockName = '.gymwire-lock';

/** The owner says this often that it lives … */
const heartbeatMs = 5_000;
/** … and has gone when it has said nothing for so long. */
const leaseMs = 30_000;

export interface LockOptions {
  /** Take the folder from a process elsewhere at once. One that lives on this machine keeps it. */
  readonly takeOver?: boolean | undefined;
  /** Told before waiting whether a process elsewhere still lives. */
  readonly onWait?: (message: string) => void | Promise<void>;
  readonly clock?: LockClock;
}

/** Real time, unless a test has another. */
export interface LockClock {
  readonly wait: (ms: number) => Promise<void>;
  /** @returns what ends it */
  readonly every: (ms: number, run: () => void) => () => void;
}

const realClock: LockClock = {
  wait: async (ms) => {
    await sleep(ms);
  },
  every: (ms, run) => {
    const timer = setInterval(run, ms).unref();
    return () => clearInterval(timer);
  },
};

export interface RunLock {
  /** Before each write. @throws AgentError RUN_LOST when another training has the folder now */
  check(): Promise<void>;
  /** Leaves the folder to others; does nothing to a lock that is another's. */
  release(): Promise<void>;
}

/** Finds the training that is at a run and lives on this machine, for a caller who finds a run. */
export async function findLiveHolder(folder: string): Promise<Holder | undefined> {
  const text = await readFile(join(folder, runLockName), 'utf8').catch(() => '');
  const holder = parseHolder(text);
  return holder !== undefined && (await stateOf(holder)) === 'alive' ? holder : undefined;
}

export function busy(folder: string, holder: Holder): AgentError {
  const lock = join(folder, runLockName);
  return busyBecause(
    folder,
    holder,
    `wait until it ends, or choose another folder; if there is none, delete ${lock}`,
  );
}

function busyBecause(folder: string, holder: Holder, remedy: string): AgentError {
  const text = `${folder}: a training is under way there (${describeHolder(holder)}): ${remedy}`;
  return new AgentError('RUN_BUSY', text);
}

/**
 * Keeps other trainings out of a folder. The lock of a process that is no more is taken over: a run that was killed can
 * be resumed, on this machine at once, from another one or another container when its lease has run out.
 * @throws AgentError RUN_BUSY, NOT_WRITABLE, DISK_FULL
 */
export async function lockRunFolder(folder: string, options: LockOptions = {}): Promise<RunLock> {
  const path = join(folder, runLockName);
  const id = randomBytes(16).toString('hex');
  try {
    const own = await ownHolder(id);
    for (;;) {
      const file = await create(path, own);
      if (file !== undefined) return hold(folder, path, file, own, options.clock ?? realClock);
      await removeStale(folder, path, `${path}.${id}`, options);
    }
  } catch (cause) {
    throw fileError('write', folder, cause);
  }
}

/** The lock's text, of one length, so that it can be written again in place. */
function textOf(holder: Holder, beat: number): string {
  return JSON.stringify({ ...holder, beat: String(beat).padStart(12, '0') });
}

/** Undefined when the lock is there already. */
async function create(path: string, own: Holder): Promise<FileHandle | undefined> {
  const file = await open(path, 'wx').catch((error: unknown) => {
    if (systemCodeOf(error) === 'EEXIST') return undefined;
    throw error;
  });
  try {
    if (file !== undefined) await writeBeat(file, textOf(own, 0));
    return file;
  } catch (error) {
    await file?.close();
    await rm(path, { force: true });
    throw error;
  }
}

function hold(folder: string, path: string, file: FileHandle, own: Holder, clock: LockClock): RunLock {
  let beats = 0;
  let beating = Promise.resolve();
  const stop = clock.every(heartbeatMs, () => {
    // Through the open file: where another has taken the lock over, this one is no longer at its path. A disk that takes
    // nothing for a while costs the lease at worst.
    beating = beating.then(() => writeBeat(file, textOf(own, ++beats))).catch(() => undefined);
  });
  return {
    async check() {
      if (await isOwn(path, own)) return;
      const holder = parseHolder(await readFile(path, 'utf8').catch(() => ''));
      const other = holder === undefined ? 'its lock is gone' : `${describeHolder(holder)} has it now`;
      throw new AgentError('RUN_LOST', `${folder}: another training has taken the run over (${other})`);
    },
    async release() {
      stop();
      await beating;
      await file.close();
      if (await isOwn(path, own)) await rm(path, { force: true });
    },
  };
}

async function writeBeat(file: FileHandle, text: string): Promise<void> {
  await file.write(text, 0);
  // Network file systems keep what is written to themselves otherwise.
  await file.datasync();
}

async function isOwn(path: string, { id }: Holder): Promise<boolean> {
  for (let tries = 3; ; tries--) {
    const text = await readFile(path, 'utf8').catch(ignoreMissing);
    const found = parseHolder(text ?? '');
    if (found?.id === id) return true;
    // Whoever looks whether it is stale may have it aside, or it is being written, for a moment.
    if (found !== undefined || tries === 0) return false;
    await sleep(20);
  }
}

async function removeStale(folder: string, path: string, aside: string, options: LockOptions): Promise<void> {
  const text = await readWritten(path);
  if (text === undefined) return;
  const holder = parseHolder(text);
  const state = holder === undefined ? 'dead' : await stateOf(holder);
  if (holder !== undefined && state === 'alive') throw busy(folder, holder);
  const isTaken = state === 'elsewhere' && options.takeOver === true;
  if (holder !== undefined && state === 'elsewhere' && !isTaken) {
    await waitForLease(folder, path, text, holder, options);
  }
  // Aside first: where two take over at once, the second must not remove the lock of the first.
  await rename(path, aside).catch(ignoreMissing);
  const moved = await readFile(aside, 'utf8').catch(ignoreMissing);
  const isSame = moved === text || (isTaken && parseHolder(moved ?? '')?.id === holder?.id);
  if (isSame) await rm(aside, { force: true });
  else if (moved !== undefined) await rename(aside, path);
}

/** Returns when the lock has not changed for as long as a lease lasts, or is gone. @throws AgentError RUN_BUSY when it does */
async function waitForLease(
  folder: string,
  path: string,
  text: string,
  holder: Holder,
  { onWait, clock = realClock }: LockOptions,
): Promise<void> {
  await onWait?.(
    `${folder}: ${describeHolder(holder)} has or had it; watching for ${leaseMs / 1000} s whether it still does`,
  );
  for (let waited = 0; waited < leaseMs; waited += heartbeatMs) {
    await clock.wait(heartbeatMs);
    const now = await readWritten(path);
    if (now === undefined) return;
    if (now === text) continue;
    const remedy =
      'wait until it ends, or take the run from it: takeOver, or --take-over on the command line';
    throw busyBecause(folder, parseHolder(now) ?? holder, remedy);
  }
}

/** Between making the lock and filling it there is a moment. Undefined: it is gone. */
async function readWritten(path: string): Promise<string | undefined> {
  for (let tries = 10; ; tries--) {
    const text = await readFile(path, 'utf8').catch(ignoreMissing);
    if (text !== '' || tries === 0) return text;
    await sleep(50);
  }
}

function ignoreMissing(error: unknown): undefined {
  if (systemCodeOf(error) !== 'ENOENT') throw error;
}
