import type { AutoresetMode, BatchSpec } from '@gymwire/protocol';
import type { EnvConnection } from './connection.ts';

/** What is wanted of a vector session, as far as a batch simulator may leave no choice in it. */
export interface WantedSession {
  readonly numEnvs: number;
  readonly autoresetMode: AutoresetMode;
  /** Somebody asked for this mode: another one is none. */
  readonly isModeAsked: boolean;
}

/** What `makeVector` is asked for; without a mode, the simulator's own. */
export interface SuitedSession {
  readonly numEnvs: number;
  readonly autoresetMode?: AutoresetMode;
}

/** A server's capability, without which no spec says that a simulator is a batch. */
const capability = 'batch';

/**
 * What to ask for, so that a batch simulator can be made: a number of environments that it allows, nearest to the one that is
 * wanted, and, where nobody asked for a mode, one that it has. One that tells true last observations goes before one that does not.
 * @throws GymwireError as `listEnvs`
 */
export async function suitBatch(
  connection: Pick<EnvConnection, 'server' | 'listEnvs'>,
  envId: string,
  { numEnvs, autoresetMode, isModeAsked }: WantedSession,
): Promise<SuitedSession> {
  const wanted = { numEnvs, autoresetMode };
  if (!connection.server.capabilities.includes(capability)) return wanted;
  const batch = (await connection.listEnvs()).find((spec) => spec.id === envId)?.batch;
  if (batch === undefined) return wanted;
  const { minNumEnvs = 1, maxNumEnvs = numEnvs } = batch;
  const suited = { numEnvs: Math.max(minNumEnvs, Math.min(numEnvs, maxNumEnvs)) };
  if (isModeAsked) return { ...suited, autoresetMode };
  const mode = suitedMode(batch, autoresetMode);
  return mode === undefined ? suited : { ...suited, autoresetMode: mode };
}

/** @returns undefined: its own, which nobody knows yet, or which is all there is */
function suitedMode(batch: BatchSpec, preferred: AutoresetMode): AutoresetMode | undefined {
  const modes = batch.autoresetModes;
  const hasTrueEnds = (mode: AutoresetMode) =>
    mode === 'same-step' ? batch.finalObservations : mode === 'next-step' || batch.masks;
  return [preferred, ...modes].find((mode) => modes.includes(mode) && hasTrueEnds(mode)) ?? modes[0];
}
