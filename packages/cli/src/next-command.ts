/** Commands that are printed to be pasted: what a shell must not take apart is in quotes. */
import { commandName } from './command-name.ts';
import type { TrainFlags } from './commands/train-flags.ts';

type GivenAgain = Exclude<
  keyof TrainFlags,
  'env' | 'envArg' | 'seed' | 'seeds' | 'out' | 'resume' | 'config' | 'takeOver'
>;

/** The run's folder has its options; how its servers are reached, and what computes it, no folder knows. */
const givenAgain: Readonly<Record<GivenAgain, string>> = {
  parallel: '--parallel',
  server: '--server',
  serversFile: '--servers-file',
  fleetMode: '--fleet-mode',
  evalServer: '--eval-server',
  tokenFile: '--token-file',
  tls: '--tls',
  ca: '--ca',
  tlsCert: '--tls-cert',
  tlsKey: '--tls-key',
  tlsServerName: '--tls-server-name',
  insecure: '--insecure',
  callDeadlineMs: '--call-deadline-ms',
  stepDeadlineMs: '--step-deadline-ms',
  reconnectTimeoutMs: '--reconnect-timeout-ms',
  learner: '--learner',
  learnerThreads: '--learner-threads',
};

/** Returns the command that goes on with a run, or with those of several seeds, as they were begun. */
export function resumeCommand(folder: string, flags: Partial<TrainFlags>): string {
  const words = Object.entries(givenAgain).flatMap(([name, flag]) => {
    const value = flags[name as GivenAgain];
    // `auto` is what a flag is that was not given.
    if (value === undefined || value === false || value === 'auto') return [];
    return value === true ? [flag] : [flag, quoted(String(value))];
  });
  return [commandName(), 'train', '--resume', quoted(folder), ...words].join(' ');
}

/** Returns the command that makes a policy's file of a run. */
export function exportCommand(folder: string): string {
  return `${commandName()} export ${quoted(folder)} --out policy.onnx`;
}

/** Returns the word as a shell takes it for one, whole: PowerShell and cmd know double quotes alike, and paths have none. */
export function quoted(word: string, platform: NodeJS.Platform = process.platform): string {
  if (platform === 'win32') return /^[\w.:\\/+=-]+$/.test(word) ? word : `"${word}"`;
  return /^[\w.:/,@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
