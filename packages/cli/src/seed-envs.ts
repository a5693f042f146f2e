/** What the process of a run with one of several seeds imports: a server to train against, named or of its own. */
import { availableParallelism } from 'node:os';
import type { OpenEnvs } from '@gymwire/agent-sdk/parts';
import { linkServer } from './connection.ts';
import { harmless } from './harmless-text.ts';
import type { FleetFlags } from './server-flags.ts';

export interface SeedEnvsData {
  readonly flags: FleetFlags;
  /** What names the environment, where no flag does. */
  readonly source?: string;
}

/** The module that `trainSeeds` is to be given. */
export const seedEnvsModule = import.meta.url;

export const openEnvs: OpenEnvs<SeedEnvsData> = async ({ flags, source }, { runsAtATime, signal }) => {
  // The group shows what its runs print, and says whose it is.
  const note = (text: string) => void process.stderr.write(`${harmless(text)}\n`);
  const envThreads = Math.max(1, Math.floor(availableParallelism() / runsAtATime));
  const link = await linkServer(flags, note, source, envThreads);
  signal.addEventListener('abort', link.stopReconnecting);
  return { source: { connection: link.connection }, close: link.close };
};
