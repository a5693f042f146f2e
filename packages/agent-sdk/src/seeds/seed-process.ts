import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { messageOf } from '@gymwire/protocol';
import type { AgentErrorCode } from '../errors.ts';
import type { ProgressEvent } from '../train/report/progress.ts';
import type { FromSeed, SeedOutcome, SeedTask, ToSeed } from './seed-messages.ts';

/** A run in a process of its own: what ends that, ends no other. */
export interface SeedProcess {
  /** How the run ended. Never rejects. */
  readonly outcome: Promise<SeedOutcome>;
  /** Asks the run to stop and to save. */
  stop(): void;
  /** Ends the process where it is. */
  kill(): void;
}

/** Who hears of it. */
export interface SeedListener {
  /** What `train` tells. */
  event(event: ProgressEvent): void;
  /** A line that the process printed. */
  printed(line: string): void;
}

/** @param nodeFlags Node's own, of the process */
export type StartSeed = (task: SeedTask, listener: SeedListener, nodeFlags: readonly string[]) => SeedProcess;

/** What is shown of a process that ended without a word. */
const lastLines = 10;
const longestLine = 2_000;
/** Windows' end by Ctrl-C, before the program could hear it. */
const statusControlCExit = 0xc000013a;
const endedByUser: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGTERM', 'SIGHUP']);

/** Starts a process for a run. */
export const startSeedProcess: StartSeed = (task, listener, nodeFlags) => {
  const child = fork(new URL('./seed-program.js', import.meta.url), [], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // Not this process' flags: with --eval among them the process of a run would begin the whole group again.
    execArgv: [...nodeFlags],
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    // A process that could not be started has none.
    if (!(stream instanceof Readable)) continue;
    createInterface({ input: stream }).on('line', (line) => {
      said.push(line.slice(0, longestLine));
      if (said.length > lastLines) said.shift();
      listener.printed(line.slice(0, longestLine));
    });
  }
  const outcome = outcomeOf(child, listener, said);
  const send = (message: ToSeed) => {
    // What cannot be sent any more finds nobody who could hear it.
    if (child.connected) child.send(message, () => undefined);
  };
  send({ type: 'run', task });
  return { outcome, stop: () => send({ type: 'stop' }), kill: () => void child.kill('SIGKILL') };
};

async function outcomeOf(
  child: ChildProcess,
  listener: SeedListener,
  said: readonly string[],
): Promise<SeedOutcome> {
  let outcome: SeedOutcome | undefined;
  child.on('message', (message: FromSeed) => {
    if (message.type === 'progress') listener.event(message.event);
    else outcome = message;
  });
  // All that it said has come once the channel is closed; whatever it started may keep its output open.
  const disconnected = new Promise<void>((resolve) => child.once('disconnect', resolve));
  const end = await new Promise<{ code: number | null; signal: NodeJS.Signals | null; error?: unknown }>(
    (resolve) => {
      child.once('error', (error) => resolve({ code: null, signal: null, error }));
      child.once('exit', (code, signal) => void disconnected.then(() => resolve({ code, signal })));
    },
  );
  return outcome ?? endWithoutWord(end, said);
}

function endWithoutWord(
  end: { readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly error?: unknown },
  said: readonly string[],
): SeedOutcome {
  const { code: exitCode, signal, error } = end;
  // Before it could hear signals there was nothing to save.
  if ((signal !== null && endedByUser.has(signal)) || exitCode === statusControlCExit) {
    return { type: 'ended', status: 'interrupted', warnings: [] };
  }
  const how =
    error === undefined
      ? `ended without a word (${signal ?? `exit code ${exitCode}`})`
      : `could not be started: ${messageOf(error)}`;
  const words = said.length === 0 ? '' : `; the last that it printed: ${said.join('\n')}`;
  const code: AgentErrorCode = 'RUN_CRASHED';
  const message = `the process of the run ${how}; it goes on from its last checkpoint when the group is resumed${words}`;
  return { type: 'failed', failure: { code, message } };
}
